import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { JwtAuthorizer } from "../store/apigatewayv2.ts";
import type { Authorization } from "./authorization.ts";
import type { Exchange } from "./exchange.ts";
import { gatewayMessage } from "./gateway-message.ts";
import { identityValue } from "./identity-source.ts";
import { IssuerKeys } from "./issuer-keys.ts";

/** Only RSA [aws 5.8]; that its PSS variants are not among them is unconfirmed. */
const ALGORITHMS = ["RS256", "RS384", "RS512"];

/** JWT authorizers: a token of the issuer, for the audience, with one of the route's scopes [aws 5.8]. */
export class JwtAuthorization {
  readonly #keys = new IssuerKeys();

  async authorize(exchange: Exchange, authorizer: JwtAuthorizer, scopes: readonly string[]): Promise<Authorization> {
    const token = tokenOf(exchange, authorizer);
    if (token === undefined) {
      return { allowed: false, response: unauthorized("Bearer"), error: "The request has no token." };
    }
    let keys: JWTVerifyGetKey;
    try {
      keys = await this.#keys.of(authorizer.issuer);
    } catch {
      return refusedToken(scopes, "OIDC discovery endpoint communication error");
    }
    try {
      const { payload } = await jwtVerify(token, withKeyId(keys), {
        algorithms: ALGORITHMS,
        issuer: authorizer.issuer,
        requiredClaims: ["exp"],
      });
      const reason = refusalOf(payload, authorizer.audience);
      return reason === undefined ? withScope(payload, scopes) : refusedToken(scopes, reason);
    } catch (error) {
      return refusedToken(scopes, descriptionOf(error));
    }
  }
}

/** The token itself: `Bearer ` before it may be there or not [aws 5.8]. */
function tokenOf(exchange: Exchange, { identitySource }: JwtAuthorizer): string | undefined {
  for (const source of identitySource) {
    const value = identityValue(exchange, source);
    if (value !== undefined) return value.replace(/^Bearer +/i, "");
  }
  return undefined;
}

/** A token must name its key, even where the issuer has only one. */
function withKeyId(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return (header, token) => {
    if (header.kid === undefined) throw new errors.JWKSNoMatchingKey();
    return keys(header, token);
  };
}

/** What the signature says nothing of: the audience, and a token from the future. */
function refusalOf(payload: JWTPayload, audience: readonly string[]): string | undefined {
  // `client_id` counts only where there is no `aud` [APIGWDG http-api-troubleshooting-jwt].
  const given = payload.aud === undefined ? [payload.client_id] : [payload.aud].flat();
  if (!given.some((one) => typeof one === "string" && audience.includes(one))) {
    return "the token does not have a valid audience";
  }
  const isFromFuture = payload.iat !== undefined && payload.iat > Date.now() / 1000;
  return isFromFuture ? "the token was issued in the future" : undefined;
}

function withScope(payload: JWTPayload, wanted: readonly string[]): Authorization {
  const has = [...scopesOf(payload.scope), ...scopesOf(payload.scp)];
  const matching = wanted.filter((scope) => has.includes(scope));
  if (wanted.length > 0 && matching.length === 0) {
    const header = challenge(wanted, "insufficient_scope", "the token does not have a required scope");
    return {
      allowed: false,
      // The header is documented for 401 only.
      response: gatewayMessage(403, "Forbidden", { "www-authenticate": header }),
      error: "The token has none of the route's scopes.",
    };
  }
  const claims = Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, claimText(value)]));
  return { allowed: true, caller: { kind: "jwt", claims, scopes: wanted.length === 0 ? null : matching } };
}

/** A list of scopes, or one text with spaces between them. */
function scopesOf(claim: unknown): readonly unknown[] {
  return typeof claim === "string" ? claim.split(" ") : Array.isArray(claim) ? claim : [];
}

/** Claims arrive as texts [aws 5.8]: lists as `[a b]`; that objects are `map[a:b]` is unconfirmed. */
function claimText(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(claimText).join(" ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${members.map(([name, member]) => `${name}:${claimText(member)}`).join(" ")}]`;
  }
  return String(value);
}

function refusedToken(scopes: readonly string[], description: string): Authorization {
  return {
    allowed: false,
    response: unauthorized(challenge(scopes, "invalid_token", description)),
    error: description,
  };
}

function unauthorized(wwwAuthenticate: string) {
  return gatewayMessage(401, "Unauthorized", { "www-authenticate": wwwAuthenticate });
}

/** As in the example of [APIGWDG http-api-troubleshooting-jwt], which shows the scope of a route without any. */
function challenge(scopes: readonly string[], error: string, description: string): string {
  return `Bearer scope="${quotable(scopes.join(" "))}" error="${error}" error_description="${quotable(description)}"`;
}

/** Without what would end a quoted text or cannot be in a header at all: tokens have a say in descriptions. */
function quotable(text: string): string {
  return text.replace(/[^ !#-[\]-~]/g, "?");
}

/** All descriptions but that of the audience are unconfirmed. */
function descriptionOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed) return `the token does not have a valid ${error.claim} claim`;
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token is not signed with an RSA algorithm";
  if (error instanceof errors.JWKSNoMatchingKey) return "the token's key is unknown";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature is invalid";
  if (error instanceof errors.JOSEError) return "the token is malformed, or its issuer's keys are";
  return "the issuer's keys could not be fetched";
}
