import { functionArnOf } from "../arn.ts";
import type { JwtAuthorizer, RequestAuthorizer } from "../store/apigatewayv2.ts";
import { badRequest } from "./apigatewayv2-model.ts";

/** What an authorizer is asked to be: input of a create, or of an update over what is there. Undefined: never set. */
export interface AuthorizerInput {
  readonly authorizerType: "JWT" | "REQUEST";
  readonly name: string;
  readonly identitySource: readonly string[];
  readonly issuer: string | undefined;
  readonly audience: readonly string[] | undefined;
  readonly authorizerUri: string | undefined;
  readonly authorizerPayloadFormatVersion: string | undefined;
  readonly authorizerResultTtlInSeconds: number | undefined;
  readonly enableSimpleResponses: boolean | undefined;
}

const AUDIENCES = 50;
const LONGEST_TTL_SECONDS = 3600;

/** The JWT authorizer, its issuer not yet asked; BadRequestException for what AWS refuses [aws 5.8]. */
export function jwtAuthorizer(authorizerId: string, input: AuthorizerInput): JwtAuthorizer {
  const { name, identitySource, issuer, audience } = input;
  const { authorizerUri, authorizerPayloadFormatVersion, authorizerResultTtlInSeconds, enableSimpleResponses } = input;
  const requestOnly = {
    authorizerUri,
    authorizerPayloadFormatVersion,
    authorizerResultTtlInSeconds,
    enableSimpleResponses,
  };
  refuseMembers(requestOnly, "JWT");
  if (issuer === undefined && audience === undefined) {
    throw badRequest("JwtConfiguration must not be null for JWT Authorizer");
  }
  if (issuer === undefined) throw badRequest("Invalid issuer: Issuer is not a valid URL for JWT Authorizer");
  if (audience === undefined || audience.length === 0) {
    throw badRequest("Audience list must have at least 1 item for JWT Authorizer");
  }
  // The text is unconfirmed.
  if (audience.length > AUDIENCES) {
    throw badRequest(`Audience list must have at most ${AUDIENCES} items for JWT Authorizer`);
  }
  if (identitySource.length !== 1) {
    // The text is unconfirmed.
    throw badRequest("Identity source must be a single request header or querystring parameter for JWT Authorizer");
  }
  checkSources(identitySource, /^\$request\.(header|querystring)\.[^\s.]\S*$/);
  return { authorizerType: "JWT", authorizerId, name, identitySource, issuer, audience };
}

/** The Lambda authorizer; BadRequestException for what AWS refuses [aws 5.8]. */
export function requestAuthorizer(authorizerId: string, input: AuthorizerInput): RequestAuthorizer {
  const { name, identitySource, authorizerUri, authorizerPayloadFormatVersion: version } = input;
  refuseMembers({ jwtConfiguration: input.issuer ?? input.audience }, "REQUEST");
  if (authorizerUri === undefined) throw badRequest("AuthorizerUri is a required field in an Authorizer");
  if (!authorizerUri.startsWith("arn:aws:apigateway:") || functionArnOf(authorizerUri) === undefined) {
    // REST's text; unconfirmed here.
    throw badRequest(
      `Invalid Authorizer URI: ${authorizerUri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.`,
    );
  }
  if (version === undefined) {
    throw badRequest("AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer");
  }
  // The text is unconfirmed.
  if (version !== "1.0" && version !== "2.0") {
    throw badRequest(`AuthorizerPayloadFormatVersion ${version} is not supported`);
  }
  const enableSimpleResponses = input.enableSimpleResponses ?? false;
  if (enableSimpleResponses && version !== "2.0") {
    throw badRequest('EnableSimpleResponses can only be set for AuthorizerPayloadFormatVersion "2.0".');
  }
  // [aws 5.5] what AWS takes when it is left out is unconfirmed; an authorizer without sources can be made, so it is 0.
  const resultTtlInSeconds = input.authorizerResultTtlInSeconds ?? 0;
  if (resultTtlInSeconds < 0 || resultTtlInSeconds > LONGEST_TTL_SECONDS) {
    throw badRequest(
      `Authorizer result TTL outside allowable range. TTL must be between 0 and ${LONGEST_TTL_SECONDS} seconds.`,
    );
  }
  if (resultTtlInSeconds > 0 && identitySource.length === 0) {
    throw badRequest("Identity source must be set if authorizer caching is enabled (TTL is greater than 0)");
  }
  checkSources(identitySource, /^\$(request\.(header|querystring)|context|stageVariables)\.[^\s.]\S*$/);
  return {
    authorizerType: "REQUEST",
    authorizerId,
    name,
    identitySource,
    authorizerUri,
    payloadFormatVersion: version,
    enableSimpleResponses,
    resultTtlInSeconds,
  };
}

/** Even `EnableSimpleResponses: false` is refused on a JWT authorizer [aws 5.2]; the text is unconfirmed. */
function refuseMembers(members: Readonly<Record<string, unknown>>, type: AuthorizerInput["authorizerType"]): void {
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    throw badRequest(`${name.slice(0, 1).toUpperCase()}${name.slice(1)} is not supported for ${type} Authorizer`);
  }
}

function checkSources(sources: readonly string[], expression: RegExp): void {
  for (const source of sources) {
    if (!expression.test(source)) throw badRequest(`Invalid identity source expression: ${source}`);
  }
}
