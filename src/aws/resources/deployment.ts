import {
  CreateDeploymentCommand,
  DeleteDeploymentCommand,
  type Deployment,
  GetDeploymentCommand,
  GetDeploymentsCommand,
  GetStagesCommand,
} from "@aws-sdk/client-apigatewayv2";
import { GatewayError } from "../../errors.ts";
import { isError, unlessMissing } from "../failures.ts";
import type { Ctx, Kind } from "../kind.ts";
import { backoff, until } from "../retry.ts";
import { API_LANE, listAll, write } from "./api-calls.ts";
import { diffProperties } from "./changes.ts";
import { shown } from "./shown.ts";

/** Earlier releases that stay, for a rollback by hand. */
const KEPT = 5;
const DEPLOY_LIMIT_MS = 60_000;

interface DeploymentKey {
  readonly apiId: string;
  /** Of routes and integration; kept in the description, because a deployment has no tags. */
  readonly fingerprint: string;
}

interface DeploymentLive extends DeploymentKey {
  readonly deploymentId: string;
  readonly status: string;
  /** Ids of further snapshots of the same content: two runs made one each. */
  readonly duplicates: readonly string[];
}

/** An immutable snapshot of an API: one is made only when there is none with the wanted fingerprint. */
export const deployment: Kind<DeploymentKey, DeploymentLive, DeploymentKey> = {
  type: "apigatewayv2.deployment",
  lane: API_LANE,
  isNameless: true,

  async read(ctx, key) {
    const equal = (await readDeployments(ctx, key.apiId)).filter(
      ({ fingerprint, status }) => fingerprint === key.fingerprint && status !== "FAILED",
    );
    const served = equal.length > 1 ? await readServed(ctx, key.apiId) : [];
    const isServed = ({ deploymentId }: DeploymentLive) => served.includes(deploymentId);
    // Every run has to choose the same one, and one that a stage points at cannot be deleted.
    const [live, ...others] = equal.sort(
      (a, b) => Number(isServed(b)) - Number(isServed(a)) || (a.deploymentId < b.deploymentId ? -1 : 1),
    );
    if (live === undefined) return undefined;
    return { live: { ...live, duplicates: others.map(({ deploymentId }) => deploymentId) }, owned: true };
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
    const created = await write(ctx, () => ctx.aws.apigatewayOnce.send(command));
    for (const old of before.slice(KEPT - 1)) await deleteUnlessServed(ctx, old);
    return deployed(ctx, fromAws(ApiId, created));
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
