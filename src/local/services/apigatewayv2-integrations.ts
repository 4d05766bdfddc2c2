import * as z from "zod";
import { functionArnOf } from "../arn.ts";
import { notImplemented } from "../aws-error.ts";
import type { Account } from "../store/account.ts";
import type { Api, Integration } from "../store/apigatewayv2.ts";
import { autoDeploy } from "./apigatewayv2-deployments.ts";
import {
  badRequest,
  checkQuota,
  conflict,
  description,
  findApi,
  id,
  listing,
  newId,
  notFound,
  operation,
  type Parsed,
  paging,
  refuseWebSocketMembers,
  webSocketOnly,
} from "./apigatewayv2-model.ts";

const INTEGRATIONS_PER_API = 300;

const integrationType = z.enum(["AWS_PROXY", "AWS", "HTTP", "HTTP_PROXY", "MOCK"]);

/** Taken empty, as tools send it; what would be in it is not implemented. */
const nothing = z.strictObject({}).optional();

const members = {
  integrationUri: z.string().min(1).max(2048).optional(),
  payloadFormatVersion: z.string().min(1).max(64).optional(),
  // [aws 5.4] not raisable.
  timeoutInMillis: z.number().int().min(50).max(30_000).optional(),
  description: description.optional(),
  integrationMethod: z.string().min(1).max(64).optional(),
  connectionType: z.enum(["INTERNET", "VPC_LINK"]).optional(),
  requestParameters: nothing,
  responseParameters: nothing,
  tlsConfig: nothing,
  contentHandlingStrategy: webSocketOnly,
  passthroughBehavior: webSocketOnly,
  requestTemplates: webSocketOnly,
  templateSelectionExpression: webSocketOnly,
};

export const integrationOperations = {
  CreateIntegration: operation(z.strictObject({ apiId: id, integrationType, ...members }), (account, input) => {
    const api = findApi(account, input.apiId);
    checkMembers(input);
    if (input.integrationUri === undefined) throw invalidUri();
    if (input.payloadFormatVersion === undefined) {
      throw badRequest("PayloadFormatVersion is a required parameter for integration");
    }
    checkQuota(api.integrations.size, INTEGRATIONS_PER_API, "Integrations");
    return store(account, api, {
      integrationId: newId(7),
      integrationType: "AWS_PROXY",
      integrationUri: input.integrationUri,
      payloadFormatVersion: input.payloadFormatVersion,
      timeoutInMillis: input.timeoutInMillis ?? 30_000,
      description: input.description,
    });
  }),

  GetIntegration: operation(z.strictObject({ apiId: id, integrationId: id }), (account, input) =>
    integrationOut(findIntegration(findApi(account, input.apiId), input.integrationId)),
  ),

  GetIntegrations: operation(z.strictObject({ apiId: id, ...paging }), (account, input) =>
    listing(
      account,
      findApi(account, input.apiId).integrations.values(),
      input,
      (one) => one.integrationId,
      integrationOut,
    ),
  ),

  UpdateIntegration: operation(
    z.strictObject({ apiId: id, integrationId: id, integrationType: integrationType.optional(), ...members }),
    (account, input) => {
      const api = findApi(account, input.apiId);
      const old = findIntegration(api, input.integrationId);
      checkMembers(input);
      return store(account, api, {
        ...old,
        integrationUri: input.integrationUri ?? old.integrationUri,
        payloadFormatVersion: input.payloadFormatVersion ?? old.payloadFormatVersion,
        timeoutInMillis: input.timeoutInMillis ?? old.timeoutInMillis,
        description: input.description ?? old.description,
      });
    },
  ),

  DeleteIntegration: operation(z.strictObject({ apiId: id, integrationId: id }), (account, input) => {
    const api = findApi(account, input.apiId);
    const { integrationId } = findIntegration(api, input.integrationId);
    const routeIds = [...api.routes.values()]
      .filter((route) => route.target === `integrations/${integrationId}`)
      .map((route) => route.routeId);
    if (routeIds.length > 0) {
      throw conflict(
        `Cannot delete Integration because it is referenced by the following Routes with Ids: [${routeIds.join(", ")}]`,
      );
    }
    api.integrations.delete(integrationId);
    autoDeploy(account, api);
  }),
};

type Members = Parsed<typeof members> & {
  readonly integrationType?: z.output<typeof integrationType> | undefined;
};

/** Refuses what HTTP APIs do not take. The function need not exist (unconfirmed): nobody looks for it before the first request. */
function checkMembers(input: Members): void {
  const { integrationType: type = "AWS_PROXY", integrationUri: uri, payloadFormatVersion: version } = input;
  if (type === "HTTP_PROXY") throw notImplemented("HTTP_PROXY integrations");
  if (type !== "AWS_PROXY") {
    throw badRequest(
      "Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)",
    );
  }
  refuseWebSocketMembers(input, [
    "contentHandlingStrategy",
    "passthroughBehavior",
    "requestTemplates",
    "templateSelectionExpression",
  ]);
  // What Lambda is called with; the text is unconfirmed.
  if (input.integrationMethod !== undefined && input.integrationMethod !== "POST") {
    throw badRequest("IntegrationMethod must be POST for AWS_PROXY integrations");
  }
  if (input.connectionType === "VPC_LINK") throw notImplemented("VPC links");
  if (version !== undefined && version !== "1.0" && version !== "2.0") {
    throw badRequest(`Unsupported PayloadFormatVersion: ${version}`);
  }
  if (uri?.includes("{stageVariables.")) throw notImplemented("stage variables in integration URIs");
  if (uri !== undefined && functionArnOf(uri) === undefined) throw invalidUri();
}

function invalidUri() {
  return badRequest("Invalid integration URI specified");
}

function store(account: Account, api: Api, integration: Integration) {
  api.integrations.set(integration.integrationId, integration);
  autoDeploy(account, api);
  return integrationOut(integration);
}

function findIntegration(api: Api, integrationId: string): Integration {
  const integration = api.integrations.get(integrationId);
  if (integration === undefined) throw notFound(`Invalid Integration identifier specified ${integrationId}`);
  return integration;
}

function integrationOut(integration: Integration) {
  return {
    ...integration,
    description: integration.description || undefined,
    connectionType: "INTERNET",
    integrationMethod: "POST",
  };
}
