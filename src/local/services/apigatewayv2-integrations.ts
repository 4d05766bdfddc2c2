import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import type { Api, Integration } from "../store.ts";
import { autoDeploy } from "./apigatewayv2-deployments.ts";
import {
  badRequest,
  conflict,
  description,
  findApi,
  id,
  listing,
  newId,
  notFound,
  operation,
  paging,
} from "./apigatewayv2-model.ts";

const members = {
  integrationUri: z.string().min(1).max(2048),
  payloadFormatVersion: z.enum(["1.0", "2.0"]),
  // [aws 5.4] not raisable.
  timeoutInMillis: z.number().int().min(50).max(30_000),
  description,
  integrationType: z.enum(["AWS_PROXY", "AWS", "HTTP", "HTTP_PROXY", "MOCK"]),
  integrationMethod: z.literal("POST"),
  connectionType: z.literal("INTERNET"),
};

export const integrationOperations = {
  CreateIntegration: operation(
    z.strictObject({
      apiId: id,
      ...members,
      integrationUri: members.integrationUri.optional(),
      payloadFormatVersion: members.payloadFormatVersion.optional(),
      timeoutInMillis: members.timeoutInMillis.default(30_000),
      description: members.description.optional(),
      integrationMethod: members.integrationMethod.optional(),
      connectionType: members.connectionType.optional(),
    }),
    (account, input) => {
      const api = findApi(account, input.apiId);
      checkType(input.integrationType);
      if (input.payloadFormatVersion === undefined)
        throw badRequest("PayloadFormatVersion is a required parameter for integration");
      checkUri(input.integrationUri);
      const integration: Integration = {
        integrationId: newId(7),
        integrationType: "AWS_PROXY",
        integrationUri: input.integrationUri ?? "",
        payloadFormatVersion: input.payloadFormatVersion,
        timeoutInMillis: input.timeoutInMillis,
        description: input.description,
      };
      return store(api, integration);
    },
  ),

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
    z.strictObject({ apiId: id, integrationId: id, ...z.object(members).partial().shape }),
    (account, input) => {
      const api = findApi(account, input.apiId);
      const old = findIntegration(api, input.integrationId);
      if (input.integrationType !== undefined) checkType(input.integrationType);
      if (input.integrationUri !== undefined) checkUri(input.integrationUri);
      return store(api, {
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
    autoDeploy(api);
  }),
};

/** The function an integration URI names: its plain ARN, or API Gateway's invoke URI around it [aws 6]. */
export function functionArnOf(integrationUri: string): string | undefined {
  const invokeUri = /^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;
  const arn = invokeUri.exec(integrationUri)?.[1] ?? integrationUri;
  return /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]{1,64}(:[a-zA-Z0-9$_-]{1,128})?$/.test(arn)
    ? arn
    : undefined;
}

/** The function need not exist (unconfirmed on AWS): nobody looks for it before the first request. */
function checkUri(uri: string | undefined): void {
  if (uri === undefined || functionArnOf(uri) === undefined) throw badRequest("Invalid integration URI specified");
}

function checkType(type: z.output<typeof members.integrationType>): void {
  if (type === "HTTP_PROXY") throw notImplemented("HTTP_PROXY integrations");
  if (type !== "AWS_PROXY") {
    throw badRequest(
      "Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)",
    );
  }
}

function store(api: Api, integration: Integration) {
  api.integrations.set(integration.integrationId, integration);
  autoDeploy(api);
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
