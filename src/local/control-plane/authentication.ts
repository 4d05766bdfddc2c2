import { AwsError } from "../aws-error.ts";
import { secretOf } from "../credentials.ts";
import type { HttpRequest } from "../http.ts";
import { type SignatureRefusal, verifySignature } from "../sigv4.ts";

/** The service and the Region a request is signed for: its credential scope. */
export interface Scope {
  readonly service: string;
  readonly region: string;
}

/** The scope of a signed request; undefined when its Authorization header has none. */
export function scopeOf(authorization: string): Scope | undefined {
  const [, region, service] =
    /\bCredential=[^/,\s]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request\b/.exec(authorization) ?? [];
  return region === undefined || service === undefined ? undefined : { service, region };
}

/**
 * The error for a request that its service would not take for authentic; undefined when it is. A key the account does
 * not know passes, because other tools are pointed here with made-up ones, unless `knownKeysOnly`.
 */
export async function authenticationError(
  request: HttpRequest,
  service: string,
  knownKeysOnly: boolean,
): Promise<AwsError | undefined> {
  const check = await verifySignature(request, secretOf);
  if (check.ok || (check.reason === "UnknownAccessKey" && !knownKeysOnly)) return undefined;
  return refusal(check.reason, service);
}

/** The services of the query protocol and the JSON ones have different words for the same [aws 1.1]. */
function refusal(reason: SignatureRefusal, service: string): AwsError {
  const query = service === "iam" || service === "sts";
  switch (reason) {
    case "MissingAuthentication":
      return missingToken(service);
    case "IncompleteSignature":
      return incompleteSignature();
    case "UnknownAccessKey":
      return new AwsError(
        query ? "InvalidClientTokenId" : "UnrecognizedClientException",
        403,
        "The security token included in the request is invalid.",
      );
    case "RequestExpired":
    case "SignatureMismatch":
      return new AwsError(
        query ? "SignatureDoesNotMatch" : "InvalidSignatureException",
        403,
        reason === "RequestExpired"
          ? "Signature expired: the time of the request is more than 5 minutes from the server's."
          : "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
      );
  }
}

/** The answer to a request that is not signed at all. */
export function missingToken(service: string): AwsError {
  return service === "iam" || service === "sts"
    ? new AwsError("MissingAuthenticationToken", 403, "Request is missing Authentication Token")
    : new AwsError("MissingAuthenticationTokenException", 403, "Missing Authentication Token");
}

/** The answer to a request with an Authorization header that names no scope. */
export function incompleteSignature(): AwsError {
  const message = "Authorization header requires 'Credential' parameter with a SigV4 credential scope.";
  return new AwsError("IncompleteSignature", 400, message);
}
