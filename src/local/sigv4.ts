import { createHash, createHmac, type Hash, type Hmac, timingSafeEqual } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { HttpRequest } from "./http.ts";

export type SignatureCheck =
  | { readonly ok: true; readonly accessKeyId: string; readonly region: string; readonly service: string }
  | { readonly ok: false; readonly reason: SignatureRefusal };

export type SignatureRefusal =
  | "MissingAuthentication"
  | "IncompleteSignature"
  | "UnknownAccessKey"
  | "RequestExpired"
  | "SignatureMismatch";

/** A signed request must arrive within five minutes of its timestamp [AWS IAM user guide: elements of an AWS API request signature]. */
const WINDOW_MS = 5 * 60 * 1000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 +Credential=([^/, ]+)\/(\d{8})\/([^/, ]+)\/([^/, ]+)\/aws4_request, *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})$/;

/**
 * Verifies the Authorization header of a SigV4-signed request over its path, query, headers and body as sent.
 * The path is encoded once more before it is signed, as every service but S3 does. Whether the region and the
 * service are the right ones is the caller's question. A session token is taken as it comes, but must be signed.
 */
export async function verifySignature(
  request: HttpRequest,
  secretOf: (accessKeyId: string) => string | undefined,
  now: number = Date.now(),
): Promise<SignatureCheck> {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    return refused("MissingAuthentication");
  }
  const [, accessKeyId, day, region, service, signedHeaders, signature] = AUTHORIZATION.exec(authorization) ?? [];
  const signingDate = parseDate(request.headers["x-amz-date"]);
  if (
    accessKeyId === undefined ||
    region === undefined ||
    service === undefined ||
    signedHeaders === undefined ||
    signature === undefined ||
    signingDate === undefined ||
    request.headers["x-amz-date"]?.slice(0, 8) !== day
  ) {
    return refused("IncompleteSignature");
  }
  const signed = new Set(signedHeaders.split(";"));
  if (Object.keys(request.headers).some((name) => mustBeSigned(name) && !signed.has(name))) {
    return refused("IncompleteSignature");
  }
  const secretAccessKey = secretOf(accessKeyId);
  if (secretAccessKey === undefined) {
    return refused("UnknownAccessKey");
  }
  if (Math.abs(now - signingDate.getTime()) > WINDOW_MS) {
    return refused("RequestExpired");
  }
  const query = parseQuery(request.query);
  if (query === undefined || !isPayloadHashRight(request)) {
    return refused("SignatureMismatch");
  }
  const signer = new SignatureV4({
    region,
    service,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
    applyChecksum: false,
  });
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => signed.has(name)));
  const { method, path, body } = request;
  const expected = await signer.sign(
    { method, path, query, headers, body, protocol: "http:", hostname: "" },
    { signingDate, signableHeaders: signed },
  );
  const right = AUTHORIZATION.exec(expected.headers.authorization ?? "")?.[6] ?? "";
  return isSame(right, signature) ? { ok: true, accessKeyId, region, service } : refused("SignatureMismatch");
}

function refused(reason: SignatureRefusal): SignatureCheck {
  return { ok: false, reason };
}

/** AWS refuses a signature that leaves these out [AWS IAM user guide: create a signed AWS API request]. */
function mustBeSigned(name: string): boolean {
  return name === "host" || name.startsWith("x-amz-");
}

function parseDate(value: string | undefined): Date | undefined {
  if (value === undefined || !/^\d{8}T\d{6}Z$/.test(value)) {
    return undefined;
  }
  const date = new Date(value.replace(/^(....)(..)(..T..)(..)(..)Z$/, "$1-$2-$3:$4:$5Z"));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function isPayloadHashRight({ headers, body }: HttpRequest): boolean {
  const claimed = headers["x-amz-content-sha256"];
  if (claimed === undefined || claimed === "UNSIGNED-PAYLOAD") {
    return true;
  }
  return claimed === createHash("sha256").update(body).digest("hex");
}

/** Names and values decoded; undefined when the query is not well-formed. A plus sign is a plus sign in SigV4. */
function parseQuery(query: string): Record<string, string[]> | undefined {
  const parsed = new Map<string, string[]>();
  try {
    for (const pair of query.split("&").filter((part) => part !== "")) {
      const [name = "", ...value] = pair.split("=");
      const key = decodeURIComponent(name);
      parsed.set(key, [...(parsed.get(key) ?? []), decodeURIComponent(value.join("="))]);
    }
  } catch {
    return undefined;
  }
  return Object.fromEntries(parsed);
}

function isSame(expected: string, signature: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(signature)];
  return a.length === b.length && timingSafeEqual(a, b);
}

type Data = string | ArrayBuffer | ArrayBufferView;

/** SHA-256, or its HMAC when there is a secret, in the form the signer wants. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: Data) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }

  update(data: Data): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytesOf(data: Data): Buffer {
  if (typeof data === "string") {
    return Buffer.from(data);
  }
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}
