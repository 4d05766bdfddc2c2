import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import type { Account } from "../store/account.ts";
import type { Api, Authorizer } from "../store/apigatewayv2.ts";
import { type AuthorizerInput, jwtAuthorizer, requestAuthorizer } from "./apigatewayv2-authorizer-rules.ts";
import { autoDeploy } from "./apigatewayv2-deployments.ts";
import { checkIssuer } from "./apigatewayv2-issuer.ts";
import {
  badRequest,
  checkQuota,
  conflict,
  findApi,
  id,
  listing,
  newId,
  notFound,
  operation,
  type Parsed,
  paging,
} from "./apigatewayv2-model.ts";

const AUTHORIZERS_PER_API = 10;

const name = z.string().min(1).max(128);
const type = z.enum(["JWT", "REQUEST"]);

const members = {
  identitySource: z.array(z.string()).optional(),
  jwtConfiguration: z
    .strictObject({ issuer: z.string().min(1).max(2048).optional(), audience: z.array(z.string().min(1)).optional() })
    .optional(),
  authorizerUri: z.string().min(1).max(2048).optional(),
  authorizerPayloadFormatVersion: z.string().min(1).max(64).optional(),
  authorizerResultTtlInSeconds: z.number().int().optional(),
  enableSimpleResponses: z.boolean().optional(),
  authorizerCredentialsArn: z.string().optional(),
};

export const authorizerOperations = {
  CreateAuthorizer: operation(
    z.strictObject({ apiId: id, name, authorizerType: type, ...members }),
    async (account, input) => {
      const api = findApi(account, input.apiId);
      const wanted = { ...merged(input, undefined), authorizerType: input.authorizerType, name: input.name };
      return store(account, api.apiId, await authorizerOf(newId(6), wanted), undefined);
    },
  ),

  GetAuthorizer: operation(z.strictObject({ apiId: id, authorizerId: id }), (account, input) =>
    authorizerOut(findAuthorizer(findApi(account, input.apiId), input.authorizerId)),
  ),

  GetAuthorizers: operation(z.strictObject({ apiId: id, ...paging }), (account, input) =>
    listing(
      account,
      findApi(account, input.apiId).authorizers.values(),
      input,
      (one) => one.authorizerId,
      authorizerOut,
    ),
  ),

  UpdateAuthorizer: operation(
    z.strictObject({
      apiId: id,
      authorizerId: id,
      name: name.optional(),
      authorizerType: type.optional(),
      ...members,
    }),
    async (account, input) => {
      const api = findApi(account, input.apiId);
      const old = findAuthorizer(api, input.authorizerId);
      const { authorizerType, authorizerId } = old;
      if ((input.authorizerType ?? authorizerType) !== authorizerType) {
        // [aws 5.6] the text is unconfirmed.
        throw badRequest("The type of an authorizer cannot be changed");
      }
      const wanted = { ...merged(input, old), authorizerType, name: input.name ?? old.name };
      return store(account, api.apiId, await authorizerOf(authorizerId, wanted), authorizerId);
    },
  ),

  DeleteAuthorizer: operation(z.strictObject({ apiId: id, authorizerId: id }), (account, input) => {
    const api = findApi(account, input.apiId);
    const authorizer = findAuthorizer(api, input.authorizerId);
    const route = [...api.routes.values()].find((one) => one.authorizerId === authorizer.authorizerId);
    if (route !== undefined) {
      throw conflict(`Cannot delete authorizer '${authorizer.name}', is referenced in route: ${route.routeKey}`);
    }
    api.authorizers.delete(authorizer.authorizerId);
    autoDeploy(account, api);
  }),
};

/** The input over what is there: what is left out keeps its value [aws 5.6]. */
function merged(
  input: Parsed<typeof members>,
  old: Authorizer | undefined,
): Omit<AuthorizerInput, "name" | "authorizerType"> {
  if (input.authorizerCredentialsArn !== undefined) throw notImplemented("credentials of authorizers");
  const jwt = old?.authorizerType === "JWT" ? old : undefined;
  const lambda = old?.authorizerType === "REQUEST" ? old : undefined;
  return {
    identitySource: input.identitySource ?? old?.identitySource ?? [],
    issuer: input.jwtConfiguration?.issuer ?? jwt?.issuer,
    audience: input.jwtConfiguration?.audience ?? jwt?.audience,
    authorizerUri: input.authorizerUri ?? lambda?.authorizerUri,
    authorizerPayloadFormatVersion: input.authorizerPayloadFormatVersion ?? lambda?.payloadFormatVersion,
    authorizerResultTtlInSeconds: input.authorizerResultTtlInSeconds ?? lambda?.resultTtlInSeconds,
    enableSimpleResponses: input.enableSimpleResponses ?? lambda?.enableSimpleResponses,
  };
}

async function authorizerOf(authorizerId: string, input: AuthorizerInput): Promise<Authorizer> {
  if (input.authorizerType === "REQUEST") return requestAuthorizer(authorizerId, input);
  const authorizer = jwtAuthorizer(authorizerId, input);
  await checkIssuer(authorizer.issuer);
  return authorizer;
}

/** The API is looked up again: while the issuer was asked, others went on. `replaced` is the id of an update. */
function store(account: Account, apiId: string, authorizer: Authorizer, replaced: string | undefined) {
  const api = findApi(account, apiId);
  if (replaced === undefined) checkQuota(api.authorizers.size, AUTHORIZERS_PER_API, "Authorizers");
  else findAuthorizer(api, replaced);
  for (const other of api.authorizers.values()) {
    if (other.name !== authorizer.name || other.authorizerId === replaced) continue;
    throw badRequest(`Authorizer name must be unique. Authorizer ${other.name} already exists in this RestApi.`);
  }
  api.authorizers.set(authorizer.authorizerId, authorizer);
  autoDeploy(account, api);
  return authorizerOut(authorizer);
}

function findAuthorizer(api: Api, authorizerId: string): Authorizer {
  const authorizer = api.authorizers.get(authorizerId);
  if (authorizer === undefined) throw notFound(`Invalid Authorizer identifier specified ${authorizerId}`);
  return authorizer;
}

function authorizerOut(authorizer: Authorizer) {
  const { authorizerId, authorizerType, name, identitySource } = authorizer;
  const common = {
    authorizerId,
    authorizerType,
    name,
    identitySource: identitySource.length > 0 ? identitySource : undefined,
  };
  if (authorizer.authorizerType === "JWT") {
    return { ...common, jwtConfiguration: { audience: authorizer.audience, issuer: authorizer.issuer } };
  }
  return {
    ...common,
    authorizerPayloadFormatVersion: authorizer.payloadFormatVersion,
    authorizerResultTtlInSeconds: authorizer.resultTtlInSeconds,
    authorizerUri: authorizer.authorizerUri,
    enableSimpleResponses: authorizer.enableSimpleResponses,
  };
}
