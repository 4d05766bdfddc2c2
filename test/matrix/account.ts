// Everything an account holds, without what differs between two equal gateways: ids, dates, and the order of events.
import type { Snapshot } from "../../src/local/regions.ts";
import type { Api, Deployment, Stage } from "../../src/local/store/apigatewayv2.ts";
import type { Role } from "../../src/local/store/iam.ts";
import type { LambdaFunction } from "../../src/local/store/lambda.ts";
import type { LogGroup } from "../../src/local/store/logs.ts";

/** The account as plain, ordered values, with a name in place of every id. */
export function describeAccount(snapshot: Snapshot): unknown {
  const regions = [...snapshot].map(([region, { roles, functions, apis, logGroups }]) => ({
    region,
    roles: [...roles.values()].map(describeRole),
    functions: [...functions.values()].map(describeFunction),
    apis: [...apis.values()].map(describeApi),
    logGroups: [...logGroups.values()].map(describeLogGroup),
  }));
  const held = regions.filter(({ roles, functions, apis, logGroups }) => {
    return roles.length + functions.length + apis.length + logGroups.length > 0;
  });
  return JSON.parse(withoutIds(JSON.stringify(plain(held)), snapshot));
}

/** The text with `{api ...}`, `{route ...}` and so on in place of the ids that exist. */
export function withoutIds(text: string, snapshot: Snapshot): string {
  let named = text.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "{url}");
  for (const [id, name] of idsOf(snapshot)) named = named.replaceAll(id, `{${name}}`);
  return named;
}

function idsOf(snapshot: Snapshot): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { apis } of snapshot.values()) {
    for (const api of apis.values()) {
      ids.set(api.apiId, `api ${api.name}`);
      for (const id of api.integrations.keys()) ids.set(id, "integration");
      for (const [id, { routeKey }] of api.routes) ids.set(id, `route ${routeKey}`);
      for (const [id, { description }] of api.deployments) ids.set(id, `deployment ${description}`);
    }
  }
  return ids;
}

function describeRole({ name, path, arn, trustPolicy, description, maxSessionDuration, tags, ...rest }: Role) {
  const { permissionsBoundary, attached, inline } = rest;
  return { name, path, arn, trustPolicy, description, maxSessionDuration, permissionsBoundary, tags, attached, inline };
}

function describeFunction(fn: LambdaFunction) {
  const { arn, name, settings, code, change, policy, tags, versions, aliases, reservedConcurrency, urls } = fn;
  const { sha256, architecture } = code;
  return {
    ...{ arn, name, settings, sha256, architecture, policy, tags, versions, aliases, reservedConcurrency, urls },
    isSettled: change === undefined || change.settlesAt <= Date.now(),
  };
}

function describeApi({ createdDate: _date, deployments, stages, ...api }: Api) {
  return {
    ...api,
    routes: [...api.routes.values()],
    integrations: [...api.integrations.values()],
    deployments: [...deployments.values()].map(describeDeployment),
    stages: [...stages.values()].map(describeStage),
  };
}

/** What is served: the ids in an old deployment may be those of what has been deleted since. */
function describeDeployment({ deploymentId, description, autoDeployed, routes, integrations, ...rest }: Deployment) {
  const served = routes.map(({ routeId: _id, target = "", ...route }) => {
    const { integrationId: _integrationId, ...integration } = integrations.get(target.split("/")[1] ?? "") ?? {
      integrationId: "",
    };
    return { ...route, integration };
  });
  return { deploymentId, description, autoDeployed, cors: rest.cors, authorizers: rest.authorizers, routes: served };
}

function describeStage(stage: Stage) {
  const { stageName, autoDeploy, deploymentId, description, defaultRouteSettings, routeSettings } = stage;
  const { stageVariables, accessLogSettings, tags } = stage;
  return {
    ...{ stageName, autoDeploy, deploymentId, description, defaultRouteSettings, routeSettings },
    ...{ stageVariables, accessLogSettings, tags },
  };
}

function describeLogGroup({ name, arn, retentionInDays, tags, events }: LogGroup) {
  // An access log also has whether a run asked if the endpoint answers: one that was killed before did not.
  const messages = name.startsWith("/aws/vendedlogs/") ? undefined : events.length;
  return { name, arn, retentionInDays, tags, messages };
}

/** Equal values as equal JSON: maps as objects with sorted keys, sets and lists sorted by content: none of them has an order that means something. */
export function plain(value: unknown): unknown {
  if (value instanceof Map) return sortedObject([...value].map(([key, item]) => [String(key), plain(item)]));
  if (value instanceof Set || Array.isArray(value)) {
    return [...value].map((item) => plain(item)).sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  }
  if (typeof value !== "object" || value === null) return value;
  return sortedObject(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function sortedObject(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Ids are random and would order equal lists differently. */
function sortKey(value: unknown): string {
  return JSON.stringify(value, (key, item) => (/Id$/.test(key) || key === "target" ? undefined : item));
}
