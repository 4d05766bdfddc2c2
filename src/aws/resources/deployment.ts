import {
  CreateDeploymentCommand,
  DeleteDeploymentCommand,
  type Deployment,
  GetDeploymentCommand,
  GetDeploymentsCommand,
  GetStagesCommand,
} from "@aws-sdk/client-apigatewayv2";
import { GatewayError } from "../../errors.ts";
import { ChangedMeanwhile, isError, unlessMissing } from "../failures.ts";
import type { Ctx, Kind } from "../kind.ts";
import { backoff, until, within } from "../retry.ts";
import { API_LANE, listAll, write } from "./api-calls.ts";
import { diffProperties } from "./changes.ts";
import { type IntegrationLive, listIntegrations } from "./integration.ts";
import { listRoutes, type RouteLive } from "./route.ts";
import { shown } from "./shown.ts";
import { readStage } from "./stage.ts";

/** Earlier releases that stay, for a rollback by hand. */
const KEPT = 5;
const DEPLOY_LIMIT_MS = 60_000;
/** How long AWS's reads may miss what was written a moment ago. */
const SHOW_LIMIT_MS = 5_000;

interface DeploymentKey {
  readonly apiId: string;
  readonly stageName: string;
  /** Of routes and integration; kept in the description, because a deployment has no tags. */
  readonly fingerprint: string;
}

interface DeploymentProps extends DeploymentKey {
  /** What the snapshot has to hold, and no other route to the integration. */
  readonly routes: readonly Pick<RouteLive, "routeKey" | "authorizationType">[];
  readonly integration: Pick<IntegrationLive, "integrationId" | "functionArn" | "timeoutMs">;
}

interface DeploymentLive extends Omit<DeploymentKey, "stageName"> {
  readonly deploymentId: string;
  readonly status: string;
  /** Ids of further snapshots for the same content: two runs made one each, or a run ended before the stage had its own. */
  readonly duplicates: readonly string[];
}

/**
 * An immutable snapshot of an API. AWS tells nobody what one holds, and another run or a hand may open a route just before
 * it is taken. So a run looks at the API once more before it gives its snapshot to the stage, and trusts the one that
 * the stage serves with the wanted fingerprint, and no other.
 */
export const deployment: Kind<DeploymentProps, DeploymentLive, DeploymentKey> = {
  type: "apigatewayv2.deployment",
  lane: API_LANE,

  async read(ctx, { apiId, stageName, fingerprint }) {
    const [all, stage] = await Promise.all([readDeployments(ctx, apiId), readStage(ctx, apiId, stageName)]);
    const equal = all.filter((one) => one.fingerprint === fingerprint && one.status !== "FAILED");
    const live = equal.find(({ deploymentId }) => deploymentId === stage?.deploymentId);
    if (live === undefined) return undefined;
    const others = equal.filter((one) => one !== live).map(({ deploymentId }) => deploymentId);
    // A stage that somebody has made by hand may serve one.
    const served = others.length === 0 ? [] : await readServed(ctx, apiId);
    return { live: { ...live, duplicates: others.filter((id) => !served.includes(id)) }, owned: true };
  },

  diff: (_want, live) => diffProperties({ status: "DEPLOYED", duplicates: [] }, live),

  async apply(ctx, want, live) {
    const { apiId: ApiId, fingerprint } = want;
    if (live !== undefined) {
      for (const deploymentId of live.duplicates) await deleteUnlessServed(ctx, { ...live, deploymentId });
      return deployed(ctx, { ...live, duplicates: [] });
    }
    const before = await readDeployments(ctx, ApiId);
    // Not the client's own retries: a repeated create would make a second snapshot [aws 1 rule 2].
    const command = new CreateDeploymentCommand({ ApiId, Description: fingerprint });
    const created = fromAws(ApiId, await write(ctx, () => ctx.aws.apigatewayOnce.send(command)));
    const snapshot = await deployed(ctx, created);
    if (!(await isStillSo(ctx, want))) {
      await deleteUnlessServed(ctx, snapshot);
      throw new ChangedMeanwhile("the routes or their integration");
    }
    for (const old of before.slice(KEPT - 1)) await deleteUnlessServed(ctx, old);
    return snapshot;
  },

  remove: deleteUnlessServed,

  remember: ({ apiId, deploymentId }) => ({ apiId, deploymentId }),
};

async function deployed(ctx: Ctx, live: DeploymentLive): Promise<DeploymentLive> {
  if (live.status === "DEPLOYED") return live;
  const { apiId: ApiId, deploymentId: DeploymentId } = live;
  const wait = {
    clock: ctx.clock,
    signal: ctx.signal,
    waiting: ctx.waiting,
    what: "API Gateway to finish the deployment",
    limitMs: DEPLOY_LIMIT_MS,
    pauseMs: backoff(250, 4_000),
  };
  return until(wait, async () => {
    const read = () => ctx.aws.apigateway.send(new GetDeploymentCommand({ ApiId, DeploymentId }));
    const now = await shown(ctx, "the deployment", read);
    if (now.DeploymentStatus === "FAILED") {
      throw new GatewayError("DeploymentFailed", "API Gateway could not deploy the API", {
        hint: now.DeploymentStatusMessage ?? "Try again; API Gateway gave no reason.",
      });
    }
    if (now.DeploymentStatus === "PENDING") return { notYet: "DeploymentStatus PENDING" };
    return { done: { ...live, status: "DEPLOYED" } };
  });
}

/** Whether AWS shows routes and integration as the run has made them; what it made just now may take its time to show. */
async function isStillSo(ctx: Ctx, { apiId, routes, integration }: DeploymentProps): Promise<boolean> {
  const { integrationId, functionArn, timeoutMs } = integration;
  const isWanted = ({ routeKey, authorizationType }: RouteLive) =>
    routes.some((one) => one.routeKey === routeKey && one.authorizationType === authorizationType);
  const wait = {
    clock: ctx.clock,
    signal: ctx.signal,
    waiting: ctx.waiting,
    what: "API Gateway to show what was deployed",
    limitMs: SHOW_LIMIT_MS,
    pauseMs: backoff(200, 2_000),
  };
  const isShown = await within(wait, async () => {
    const [allRoutes, integrations] = await Promise.all([listRoutes(ctx, apiId), listIntegrations(ctx, apiId)]);
    const ours = allRoutes.filter(({ target }) => target === `integrations/${integrationId}`);
    const found = integrations.find((one) => one.integrationId === integrationId);
    const areRoutes = ours.length === routes.length && ours.every(isWanted);
    const isIntegration = found?.functionArn === functionArn && found.timeoutMs === timeoutMs;
    return areRoutes && isIntegration ? { done: true } : { notYet: "they differ" };
  });
  return isShown === true;
}

/** Newest first; none when there is no such API. */
async function readDeployments(ctx: Ctx, ApiId: string): Promise<DeploymentLive[]> {
  const page = (NextToken: string | undefined) =>
    ctx.aws.apigateway.send(new GetDeploymentsCommand({ ApiId, NextToken }));
  const all = (await unlessMissing(listAll(page))) ?? [];
  const age = ({ CreatedDate }: Deployment) => CreatedDate?.getTime() ?? 0;
  return all.sort((a, b) => age(b) - age(a)).map((found) => fromAws(ApiId, found));
}

/** Ids of the deployments that stages point at. */
async function readServed(ctx: Ctx, ApiId: string): Promise<string[]> {
  const page = (NextToken: string | undefined) => ctx.aws.apigateway.send(new GetStagesCommand({ ApiId, NextToken }));
  const stages = (await unlessMissing(listAll(page))) ?? [];
  return stages.flatMap(({ DeploymentId }) => DeploymentId ?? []);
}

async function deleteUnlessServed(ctx: Ctx, live: DeploymentLive): Promise<void> {
  const { apiId: ApiId, deploymentId: DeploymentId } = live;
  try {
    const command = new DeleteDeploymentCommand({ ApiId, DeploymentId });
    await write(ctx, () => unlessMissing(ctx.aws.apigateway.send(command)));
  } catch (error) {
    // Somebody points a stage at it [aws 5.2]: then it is in use and stays.
    if (!isError(error, ["BadRequestException", "ConflictException"], /Active stages/i)) throw error;
  }
}

function fromAws(apiId: string, found: Deployment): DeploymentLive {
  return {
    apiId,
    fingerprint: found.Description ?? "",
    deploymentId: found.DeploymentId ?? "",
    status: found.DeploymentStatus ?? "DEPLOYED",
    duplicates: [],
  };
}
