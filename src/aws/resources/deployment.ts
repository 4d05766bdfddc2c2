import {
  CreateDeploymentCommand,
  DeleteDeploymentCommand,
  type Deployment,
  GetDeploymentCommand,
  GetDeploymentsCommand,
  GetStagesCommand,
  UpdateDeploymentCommand,
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

/** Earlier releases that stay, for a rollback by hand. */
const KEPT = 5;
const DEPLOY_LIMIT_MS = 60_000;
/** How long AWS's reads may miss what was written a moment ago. */
const SHOW_LIMIT_MS = 10_000;
/** Behind the fingerprint of a snapshot of which is not known yet what is in it. */
const UNPROVEN = " (being checked)";

interface DeploymentKey {
  readonly apiId: string;
  /** Of routes and integration; kept in the description, because a deployment has no tags. */
  readonly fingerprint: string;
}

interface DeploymentProps extends DeploymentKey {
  /** What the snapshot has to hold, and no other route to the integration. */
  readonly routes: readonly Pick<RouteLive, "routeKey" | "authorizationType">[];
  readonly integration: Pick<IntegrationLive, "integrationId" | "functionArn" | "timeoutMs">;
}

interface DeploymentLive extends DeploymentKey {
  readonly deploymentId: string;
  readonly status: string;
  /** Ids of further snapshots for the same content: two runs made one each, or a run ended before it had checked its own. */
  readonly duplicates: readonly string[];
}

/**
 * An immutable snapshot of an API: one is made only when there is none with the wanted fingerprint. AWS tells nobody what
 * a snapshot holds, so it gets its fingerprint only after a look that finds the API as the run has made it: another
 * run or a hand may have opened a route since.
 */
export const deployment: Kind<DeploymentProps, DeploymentLive, DeploymentKey> = {
  type: "apigatewayv2.deployment",
  lane: API_LANE,

  async read(ctx, key) {
    const all = (await readDeployments(ctx, key.apiId)).filter(({ status }) => status !== "FAILED");
    const equal = all.filter(({ fingerprint }) => fingerprint === key.fingerprint);
    const served = equal.length > 1 ? await readServed(ctx, key.apiId) : [];
    const isServed = ({ deploymentId }: DeploymentLive) => served.includes(deploymentId);
    // Every run has to choose the same one, and one that a stage points at cannot be deleted.
    const [live, ...others] = equal.sort(
      (a, b) => Number(isServed(b)) - Number(isServed(a)) || (a.deploymentId < b.deploymentId ? -1 : 1),
    );
    if (live === undefined) return undefined;
    const duplicates = [...others, ...unproven(all, key)].map(({ deploymentId }) => deploymentId);
    return { live: { ...live, duplicates }, owned: true };
  },

  diff: (_want, live) => diffProperties({ status: "DEPLOYED", duplicates: [] }, live),

  async apply(ctx, want, live) {
    const { apiId: ApiId, fingerprint: Description } = want;
    if (live !== undefined) {
      for (const deploymentId of live.duplicates) await deleteUnlessServed(ctx, { ...live, deploymentId });
      return deployed(ctx, { ...live, duplicates: [] });
    }
    const before = await readDeployments(ctx, ApiId);
    // Not the client's own retries: a repeated create would make a second snapshot [aws 1 rule 2].
    const create = new CreateDeploymentCommand({ ApiId, Description: `${Description}${UNPROVEN}` });
    const made = fromAws(ApiId, await write(ctx, () => ctx.aws.apigatewayOnce.send(create)));
    const { deploymentId: DeploymentId } = await deployed(ctx, made);
    if (!(await isStillSo(ctx, want))) {
      await deleteUnlessServed(ctx, made);
      throw new ChangedMeanwhile("the routes or their integration");
    }
    const prove = new UpdateDeploymentCommand({ ApiId, DeploymentId, Description });
    const proven = fromAws(ApiId, await write(ctx, () => ctx.aws.apigateway.send(prove)));
    for (const old of new Set([...before.slice(KEPT - 1), ...unproven(before, want)]))
      await deleteUnlessServed(ctx, old);
    return proven;
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
  const isWanted = (shown: RouteLive) =>
    routes.some((one) => one.routeKey === shown.routeKey && one.authorizationType === shown.authorizationType);
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

/** Those of a fingerprint that nobody has checked, or that somebody is just checking. */
function unproven(all: readonly DeploymentLive[], { fingerprint }: DeploymentKey): DeploymentLive[] {
  return all.filter((one) => one.fingerprint === `${fingerprint}${UNPROVEN}`);
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
