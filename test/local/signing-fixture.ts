import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";

type Data = string | ArrayBuffer | ArrayBufferView;

class Sha256 {
  readonly #hash;

  constructor(secret?: Data) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", view(secret));
  }

  update(data: Data): void {
    this.#hash.update(view(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function view(data: Data): string | Uint8Array {
  if (typeof data === "string") {
    return data;
  }
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

export const KEY = { accessKeyId: "AKIATEST000000000000", secretAccessKey: "test-secret" };

export interface ToSign {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly service?: string;
  readonly region?: string;
  readonly date?: Date;
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/** The headers of a request signed as the AWS SDK for JavaScript signs it. */
export async function sign(wanted: ToSign): Promise<Record<string, string>> {
  return (await signer(wanted).sign(toRequest(wanted), dated(wanted))).headers;
}

/** A URL that is good without any headers for so many seconds. */
export async function presign(wanted: ToSign, expiresIn: number): Promise<string> {
  const { query = {} } = await signer(wanted).presign(toRequest(wanted), { ...dated(wanted), expiresIn });
  const url = new URL(wanted.url);
  url.search = "";
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values ?? []].flat()) url.searchParams.append(name, value);
  }
  return url.href;
}

function signer(wanted: ToSign): SignatureV4 {
  return new SignatureV4({
    credentials: wanted.credentials ?? KEY,
    region: wanted.region ?? "eu-west-1",
    service: wanted.service ?? "execute-api",
    sha256: Sha256,
  });
}

function toRequest(wanted: ToSign) {
  const url = new URL(wanted.url);
  const query: Record<string, string[]> = {};
  for (const [name, value] of url.searchParams) {
    query[name] = [...(query[name] ?? []), value];
  }
  return {
    method: wanted.method ?? "GET",
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query,
    headers: { host: url.host, ...wanted.headers },
    ...(wanted.body === undefined ? {} : { body: wanted.body }),
  };
}

function dated(wanted: ToSign): { signingDate?: Date } {
  return wanted.date === undefined ? {} : { signingDate: wanted.date };
}
