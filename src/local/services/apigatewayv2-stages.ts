import * as z from "zod";
import type { Api, RouteSettings, Stage } from "../store.ts";
import { tagMap } from "../wire/validation.ts";
import { autoDeploy, deploymentRefused, findDeployment, isDeployed, moveStage } from "./apigatewayv2-deployments.ts";
import {
  conflict,
  description,
  findApi,
  id,
  listing,
  mergedTags,
  notFound,
  operation,
  paging,
} from "./apigatewayv2-model.ts";

const routeSettings = z.strictObject({
  detailedMetricsEnabled: z.boolean().optional(),
  throttlingBurstLimit: z.number().int().min(0).optional(),
  throttlingRateLimit: z.number().min(0).optional(),
});

const members = {
  autoDeploy: z.boolean().optional(),
  deploymentId: id.optional(),
  description: description.optional(),
  defaultRouteSettings: routeSettings.optional(),
  routeSettings: z.record(z.string(), routeSettings).optional(),
  stageVariables: z.record(z.string().max(64), z.string().max(512)).optional(),
};

const newStageName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^(\$default|[a-zA-Z0-9_-]+)$/);

export const stageOperations = {
  CreateStage: operation(
    z.strictObject({ apiId: id, stageName: newStageName, ...members, tags: tagMap.default({}) }),
    (account, input) => {
      const api = findApi(account, input.apiId);
      if (api.stages.has(input.stageName)) throw conflict("Stage already exists");
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
      change(api, stage, input);
      api.stages.set(stage.stageName, stage);
      if (stage.autoDeploy) autoDeploy(account, api);
      return stageOut(api, stage);
    },
  ),

  GetStage: operation(z.strictObject({ apiId: id, stageName: id }), (account, input) => {
    const api = findApi(account, input.apiId);
    return stageOut(api, findStage(api, input.stageName));
  }),

  GetStages: operation(z.strictObject({ apiId: id, ...paging }), (account, input) => {
    const api = findApi(account, input.apiId);
    return listing(
      account,
      api.stages.values(),
      input,
      (stage) => stage.stageName,
      (stage) => stageOut(api, stage),
    );
  }),

  UpdateStage: operation(z.strictObject({ apiId: id, stageName: id, ...members }), (account, input) => {
    const api = findApi(account, input.apiId);
    const stage = findStage(api, input.stageName);
    const deployedItself = stage.autoDeploy;
    change(api, stage, input);
    stage.lastUpdatedDate = new Date();
    if (stage.autoDeploy && !deployedItself) autoDeploy(account, api);
    return stageOut(api, stage);
  }),

  DeleteStage: operation(z.strictObject({ apiId: id, stageName: id }), (account, input) => {
    const api = findApi(account, input.apiId);
    api.stages.delete(findStage(api, input.stageName).stageName);
  }),

  DeleteRouteSettings: operation(
    z.strictObject({ apiId: id, stageName: id, routeKey: z.string().min(1) }),
    (account, input) => {
      const stage = findStage(findApi(account, input.apiId), input.stageName);
      if (!stage.routeSettings.delete(input.routeKey)) throw unknownRouteKey(input.routeKey);
    },
  ),
};

/** The stage; NotFoundException when the API has none of this name. */
export function findStage(api: Api, stageName: string): Stage {
  const stage = api.stages.get(stageName);
  if (stage === undefined) throw notFound("Invalid stage identifier specified");
  return stage;
}

type Change = { readonly [K in keyof typeof members]?: z.output<(typeof members)[K]> };

/** Merges the input in; nothing is changed when any of it is refused [aws 5.6]. */
function change(api: Api, stage: Stage, input: Change): void {
  const deploysItself = input.autoDeploy ?? stage.autoDeploy;
  if (input.deploymentId !== undefined) {
    if (deploysItself) throw deploymentRefused(stage.stageName);
    findDeployment(api, input.deploymentId);
  }
  const settings = new Map(stage.routeSettings);
  for (const [routeKey, one] of Object.entries(input.routeSettings ?? {})) {
    settings.set(routeKey, mergeSettings(settings.get(routeKey), one));
  }
  const routeKeys = new Set([...api.routes.values()].map((route) => route.routeKey));
  // Also those set earlier: settings that outlive their route block every later change that carries settings.
  if (input.routeSettings !== undefined) {
    for (const routeKey of settings.keys()) if (!routeKeys.has(routeKey)) throw unknownRouteKey(routeKey);
  }
  stage.autoDeploy = deploysItself;
  if (input.deploymentId !== undefined) moveStage(api, stage, input.deploymentId);
  // An empty description does not clear it.
  stage.description = input.description || stage.description;
  stage.defaultRouteSettings = mergeSettings(stage.defaultRouteSettings, input.defaultRouteSettings);
  stage.routeSettings = settings;
  for (const [name, value] of Object.entries(input.stageVariables ?? {})) {
    if (value === "") stage.stageVariables.delete(name);
    else stage.stageVariables.set(name, value);
  }
}

function mergeSettings(old: RouteSettings | undefined, more: RouteSettings | undefined): RouteSettings {
  return {
    detailedMetricsEnabled: more?.detailedMetricsEnabled ?? old?.detailedMetricsEnabled ?? false,
    throttlingBurstLimit: more?.throttlingBurstLimit ?? old?.throttlingBurstLimit,
    throttlingRateLimit: more?.throttlingRateLimit ?? old?.throttlingRateLimit,
  };
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
