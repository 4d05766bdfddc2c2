import * as z from "zod";
import type { Account } from "../store/account.ts";
import type { Api, Stage } from "../store/apigatewayv2.ts";
import { tagMap } from "../wire/validation.ts";
import { autoDeploy, deploymentRefused, findDeployment, isDeployed, moveStage } from "./apigatewayv2-deployments.ts";
import {
  badRequest,
  checkQuota,
  conflict,
  description,
  findApi,
  id,
  listing,
  mergedTags,
  notFound,
  operation,
  type Parsed,
  paging,
  refuseWebSocketMembers,
  webSocketOnly,
} from "./apigatewayv2-model.ts";
import { mergedStageSettings, settingsMembers } from "./apigatewayv2-stage-settings.ts";

const STAGES_PER_API = 10;

const members = {
  ...settingsMembers,
  autoDeploy: z.boolean().optional(),
  deploymentId: id.optional(),
  description: description.optional(),
  clientCertificateId: webSocketOnly,
};

const one = z.strictObject({ apiId: id, stageName: id });

export const stageOperations = {
  CreateStage: operation(one.extend({ ...members, tags: tagMap.default({}) }), (account, input) => {
    const api = findApi(account, input.apiId);
    // [aws 5.1] hyphens are documented, AWS's own text leaves them out.
    if (!/^(\$default|[a-zA-Z0-9_-]+)$/.test(input.stageName)) throw badRequest("Stage name only allows a-zA-Z0-9_");
    if (api.stages.has(input.stageName)) throw conflict("Stage already exists");
    checkQuota(api.stages.size, STAGES_PER_API, "Stages");
    const now = new Date();
    const stage: Stage = {
      stageName: input.stageName,
      createdDate: now,
      lastUpdatedDate: now,
      autoDeploy: false,
      deploymentId: undefined,
      earlierDeployments: [],
      cacheResetAt: 0,
      lastDeploymentStatusMessage: undefined,
      description: undefined,
      defaultRouteSettings: { detailedMetricsEnabled: false },
      routeSettings: new Map(),
      stageVariables: new Map(),
      accessLogSettings: undefined,
      tags: mergedTags(new Map(), input.tags),
    };
    change(account, api, stage, input);
    api.stages.set(stage.stageName, stage);
    if (stage.autoDeploy) autoDeploy(account, api);
    return stageOut(api, stage);
  }),

  GetStage: operation(one, (account, input) => {
    const api = findApi(account, input.apiId);
    return stageOut(api, findStage(api, input.stageName));
  }),

  GetStages: operation(z.strictObject({ apiId: id, ...paging }), (account, input) => {
    const api = findApi(account, input.apiId);
    const out = (stage: Stage) => stageOut(api, stage);
    return listing(account, api.stages.values(), input, (stage) => stage.stageName, out);
  }),

  UpdateStage: operation(one.extend(members), (account, input) => {
    const api = findApi(account, input.apiId);
    const stage = findStage(api, input.stageName);
    const deployedItself = stage.autoDeploy;
    change(account, api, stage, input);
    stage.lastUpdatedDate = new Date();
    if (stage.autoDeploy && !deployedItself) autoDeploy(account, api);
    return stageOut(api, stage);
  }),

  DeleteStage: operation(one, (account, input) => {
    const api = findApi(account, input.apiId);
    api.stages.delete(findStage(api, input.stageName).stageName);
  }),

  DeleteRouteSettings: operation(one.extend({ routeKey: z.string().min(1) }), (account, input) => {
    const stage = findStage(findApi(account, input.apiId), input.stageName);
    if (!stage.routeSettings.delete(input.routeKey)) throw unknownRouteKey(input.routeKey);
  }),

  DeleteAccessLogSettings: operation(one, (account, input) => {
    const stage = findStage(findApi(account, input.apiId), input.stageName);
    stage.accessLogSettings = undefined;
    stage.lastUpdatedDate = new Date();
  }),

  ResetAuthorizersCache: operation(one, (account, input) => {
    findStage(findApi(account, input.apiId), input.stageName).cacheResetAt = Date.now();
  }),
};

/** The stage; NotFoundException when the API has none of this name. */
export function findStage(api: Api, stageName: string): Stage {
  const stage = api.stages.get(stageName);
  if (stage === undefined) throw notFound("Invalid stage identifier specified");
  return stage;
}

/** Merges the input in; nothing is changed when any of it is refused [aws 5.6]. */
function change(account: Account, api: Api, stage: Stage, input: Parsed<typeof members>): void {
  refuseWebSocketMembers(input, ["clientCertificateId"]);
  const deploysItself = input.autoDeploy ?? stage.autoDeploy;
  if (input.deploymentId !== undefined) {
    if (deploysItself) throw deploymentRefused(stage.stageName);
    findDeployment(api, input.deploymentId);
  }
  const settings = mergedStageSettings(account, stage, input);
  const routeKeys = new Set([...api.routes.values()].map((route) => route.routeKey));
  // Also those set earlier: settings that outlive their route block every later change that carries settings.
  if (input.routeSettings !== undefined) {
    for (const routeKey of settings.routeSettings.keys()) if (!routeKeys.has(routeKey)) throw unknownRouteKey(routeKey);
  }
  Object.assign(stage, settings);
  stage.autoDeploy = deploysItself;
  if (input.deploymentId !== undefined) moveStage(api, stage, input.deploymentId);
  // An empty description does not clear it.
  stage.description = input.description || stage.description;
}

function unknownRouteKey(routeKey: string) {
  return notFound(`Unable to find Route by key ${routeKey} within the provided RouteSettings`);
}

function stageOut(api: Api, stage: Stage) {
  const { earlierDeployments: _earlier, cacheResetAt: _cacheResetAt, ...shown } = stage;
  const deployment = api.deployments.get(stage.deploymentId ?? "");
  // Nothing is said of a deployment before it is through (unconfirmed).
  const pending = deployment?.autoDeployed === true && !isDeployed(deployment);
  return {
    ...shown,
    lastDeploymentStatusMessage: pending ? undefined : stage.lastDeploymentStatusMessage,
    routeSettings: Object.fromEntries(stage.routeSettings),
    stageVariables: Object.fromEntries(stage.stageVariables),
    tags: Object.fromEntries(stage.tags),
  };
}
