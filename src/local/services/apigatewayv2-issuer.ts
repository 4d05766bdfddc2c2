import { discoverKeys, discoveryUrl } from "../openid-discovery.ts";
import { badRequest } from "./apigatewayv2-model.ts";

/**
 * Fetches the issuer's discovery document, as AWS does whenever a JWT authorizer is made or changed [aws 5.8].
 * BadRequestException when there is none to be had. The issuer is an https URL; http counts on this machine alone, so that
 * an issuer under test can run here.
 */
export async function checkIssuer(issuer: string): Promise<void> {
  if (!isIssuerUrl(issuer)) throw badRequest("Invalid issuer: Issuer is not a valid URL for JWT Authorizer");
  try {
    await discoverKeys(issuer);
  } catch {
    throw badRequest(
      `Caught exception when connecting to ${discoveryUrl(issuer)} for issuer ${issuer}. Please try again later. Error: Invalid issuer: ${issuer}. Issuer must have a valid discovery endpoint ended with '/.well-known/openid-configuration'`,
    );
  }
}

function isIssuerUrl(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname, username, search, hash } = new URL(issuer);
  const isHere = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  return (protocol === "https:" || (protocol === "http:" && isHere)) && username + search + hash === "";
}
