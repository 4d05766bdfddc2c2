import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { BoundedMap } from "./bounded-map.ts";
import type { HttpRequest } from "./http.ts";
import { canonicalHeaders, canonicalPath, canonicalQuery, parseQuery } from "./sigv4-canonical.ts";

export type SignatureCheck =
  | { readonly ok: true; readonly accessKeyId: string; readonly region: string; readonly service: string }
  | { readonly ok: false; readonly reason: SignatureRefusal };

export type SignatureRefusal =
  | "MissingAuthentication"
  | "IncompleteSignature"
  | "UnknownAccessKey"
  | "RequestExpired"
  | "SignatureMismatch";

/** What a request says about its signature, in its Authorization header or in its query. */
interface Claim {
  readonly accessKeyId: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: string;
  readonly signature: string;
  /** As in `20260312T190358Z`. */
  readonly timestamp: string;
  /** Milliseconds from the timestamp until which it is good. */
  readonly validMs: number;
  /** What the request says its payload's hash is; undefined: nothing. */
  readonly payloadHash: string | undefined;
}

/** A signed request must arrive within five minutes of its timestamp [AWS IAM user guide: elements of an AWS API request signature]. */
const WINDOW_MS = 5 * 60 * 1000;
/** A presigned URL is good for a week at most [AWS IAM user guide: create a signed AWS API request, X-Amz-Expires]. */
const MAX_EXPIRES_SECONDS = 604_800;

const ALGORITHM = "AWS4-HMAC-SHA256";
const AUTHORIZATION = /^AWS4-HMAC-SHA256 +Credential=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})$/;
const CREDENTIAL = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/;

/**
 * Verifies the SigV4 signature of a request over its path, query, headers and body as sent: the one in its Authorization
 * header, or that of a presigned URL. The path is encoded once more before it is signed, as every service but S3 does.
 * Whether the region and the service are the right ones is the caller's question. A session token is taken as it comes,
 * but must be signed. Payloads signed as unsigned or chunk by chunk are not looked at.
 */
export async function verifySignature(
  request: HttpRequest,
  secretOf: (accessKeyId: string) => string | undefined,
  now: number = Date.now(),
): Promise<SignatureCheck> {
  const isPresigned = request.headers.authorization === undefined && request.query.includes("X-Amz-Signature=");
  if (request.headers.authorization === undefined && !isPresigned) {
    return refused("MissingAuthentication");
  }
  const query = parseQuery(request.query);
  if (query === undefined) {
    return refused("SignatureMismatch");
  }
  const claim = isPresigned ? claimOfQuery(query) : claimOfHeaders(request.headers);
  const signedAt = claim && parseTimestamp(claim.timestamp);
  if (claim === undefined || signedAt === undefined || !claim.timestamp.startsWith(claim.day)) {
    return refused("IncompleteSignature");
  }
  const signed = new Set(claim.signedHeaders.split(";"));
  if (!signed.has("host") || Object.keys(request.headers).some((name) => mustBeSigned(name) && !signed.has(name))) {
    return refused("IncompleteSignature");
  }
  const secret = secretOf(claim.accessKeyId);
  if (secret === undefined) {
    return refused("UnknownAccessKey");
  }
  if (now > signedAt + claim.validMs || now < signedAt - WINDOW_MS) {
    return refused("RequestExpired");
  }
  const bodyHash = sha256(request.body);
  const payloadHash = claim.payloadHash ?? bodyHash;
  if (isDigest(payloadHash) && payloadHash !== bodyHash) {
    return refused("SignatureMismatch");
  }
  const canonical = [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(query, isPresigned ? "X-Amz-Signature" : undefined),
    canonicalHeaders(request.headers, claim.signedHeaders),
    claim.signedHeaders,
    payloadHash,
  ].join("\n");
  const { accessKeyId, region, service } = claim;
  return isSame(signature(claim, secret, canonical), claim.signature)
    ? { ok: true, accessKeyId, region, service }
    : refused("SignatureMismatch");
}

function refused(reason: SignatureRefusal): SignatureCheck {
  return { ok: false, reason };
}

function claimOfHeaders(headers: HttpRequest["headers"]): Claim | undefined {
  const [, credential = "", signedHeaders = "", signature = ""] = AUTHORIZATION.exec(headers.authorization ?? "") ?? [];
  const scope = scopeOf(credential);
  const timestamp = headers["x-amz-date"];
  if (scope === undefined || timestamp === undefined) {
    return undefined;
  }
  const payloadHash = headers["x-amz-content-sha256"];
  return { ...scope, signedHeaders, signature, timestamp, validMs: WINDOW_MS, payloadHash };
}

function claimOfQuery(query: ReadonlyMap<string, readonly string[]>): Claim | undefined {
  const one = (name: string): string => query.get(name)?.[0] ?? "";
  const scope = scopeOf(one("X-Amz-Credential"));
  const expires = one("X-Amz-Expires");
  const isComplete = one("X-Amz-Algorithm") === ALGORITHM && /^[0-9a-f]{64}$/.test(one("X-Amz-Signature"));
  if (scope === undefined || !isComplete || !/^\d{1,6}$/.test(expires) || Number(expires) > MAX_EXPIRES_SECONDS) {
    return undefined;
  }
  return {
    ...scope,
    signedHeaders: one("X-Amz-SignedHeaders"),
    signature: one("X-Amz-Signature"),
    timestamp: one("X-Amz-Date"),
    validMs: Number(expires) * 1000,
    payloadHash: query.get("X-Amz-Content-Sha256")?.[0],
  };
}

function scopeOf(credential: string): Pick<Claim, "accessKeyId" | "day" | "region" | "service"> | undefined {
  const [, accessKeyId, day, region, service] = CREDENTIAL.exec(credential) ?? [];
  if (accessKeyId === undefined || day === undefined || region === undefined || service === undefined) {
    return undefined;
  }
  return { accessKeyId, day, region, service };
}

/** AWS refuses a signature that leaves these out [AWS IAM user guide: create a signed AWS API request]. */
function mustBeSigned(name: string): boolean {
  return name === "host" || name.startsWith("x-amz-");
}

/** Epoch milliseconds; undefined when it is no timestamp. */
function parseTimestamp(value: string): number | undefined {
  const iso = value.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, "$1-$2-$3:$4:$5");
  const time = iso === value ? Number.NaN : Date.parse(iso);
  return Number.isNaN(time) ? undefined : time;
}

/** Not a word such as UNSIGNED-PAYLOAD or STREAMING-AWS4-HMAC-SHA256-PAYLOAD, which stand in for a hash. */
function isDigest(payloadHash: string): boolean {
  return payloadHash !== "UNSIGNED-PAYLOAD" && !payloadHash.startsWith("STREAMING-");
}

function signature({ timestamp, day, region, service }: Claim, secret: string, canonical: string): string {
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = [ALGORITHM, timestamp, scope, sha256(canonical)].join("\n");
  return hmac(signingKey(secret, day, region, service), text).toString("hex");
}

/** A key is good for a day: deriving it costs as much as the rest of a check. */
const signingKeys = new BoundedMap<string, Buffer>(100);

function signingKey(secret: string, ...scope: readonly string[]): Buffer {
  const name = JSON.stringify([secret, ...scope]);
  const key = signingKeys.get(name) ?? hmac(scope.reduce<string | Buffer>(hmac, `AWS4${secret}`), "aws4_request");
  signingKeys.set(name, key);
  return key;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
