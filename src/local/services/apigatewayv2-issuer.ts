import * as z from "zod";
import { badRequest } from "./apigatewayv2-model.ts";

/** The limits of the discovery document [aws 5.4]. */
const DISCOVERY_MS = 1500;
const DISCOVERY_BYTES = 150_000;

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/**
 * Fetches the issuer's discovery document, as AWS does whenever a JWT authorizer is made or changed [aws 5.8].
 * BadRequestException when it is not there, not in time, too large, or of another issuer (unconfirmed). The issuer is an
 * https URL; http counts on this machine alone, so that an issuer under test can run here.
 */
export async function checkIssuer(issuer: string): Promise<void> {
  if (!isIssuerUrl(issuer)) throw badRequest("Invalid issuer: Issuer is not a valid URL for JWT Authorizer");
  const url = `${withoutSlash(issuer)}/.well-known/openid-configuration`;
  const document = discovery.safeParse(await fetchJson(url).catch(() => undefined));
  if (document.success && withoutSlash(document.data.issuer) === withoutSlash(issuer)) return;
  throw badRequest(
    `Caught exception when connecting to ${url} for issuer ${issuer}. Please try again later. Error: Invalid issuer: ${issuer}. Issuer must have a valid discovery endpoint ended with '/.well-known/openid-configuration'`,
  );
}

function isIssuerUrl(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname, username, search, hash } = new URL(issuer);
  const isHere = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  return (protocol === "https:" || (protocol === "http:" && isHere)) && username + search + hash === "";
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, "");
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(DISCOVERY_MS) });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > DISCOVERY_BYTES) throw new Error(`${url} answers more than ${DISCOVERY_BYTES} bytes.`);
  }
  if (!response.ok) throw new Error(`${url} answers with status ${response.status}.`);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
