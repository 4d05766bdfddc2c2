import * as z from "zod";
import type { Account } from "../store/account.ts";
import type { Api, Deployment, Stage } from "../store/apigatewayv2.ts";
import {
  badRequest,
  description,
  findApi,
  id,
  listing,
  newId,
  notFound,
  operation,
  paging,
} from "./apigatewayv2-model.ts";

type Deployments = Pick<Api, "deployments">;

const NO_ROUTES = "Unable to deploy API because no routes exist in this API";

export const deploymentOperations = {
  CreateDeployment: operation(
    z.strictObject({ apiId: id, description: description.optional(), stageName: id.optional() }),
    (account, input) => {
      const api = findApi(account, input.apiId);
      const stage = input.stageName === undefined ? undefined : api.stages.get(input.stageName);
      if (input.stageName !== undefined && stage === undefined) throw notFound("Invalid stage identifier specified");
      if (stage?.autoDeploy) throw deploymentRefused(stage.stageName);
      if (api.routes.size === 0) throw badRequest(NO_ROUTES);
      const deployment = snapshot(account, api, { description: input.description, autoDeployed: false });
      if (stage !== undefined) {
        moveStage(api, stage, deployment.deploymentId);
        stage.lastUpdatedDate = new Date();
      }
      return deploymentOut(deployment);
    },
  ),

  GetDeployment: operation(z.strictObject({ apiId: id, deploymentId: id }), (account, input) =>
    deploymentOut(findDeployment(findApi(account, input.apiId), input.deploymentId)),
  ),

  GetDeployments: operation(z.strictObject({ apiId: id, ...paging }), (account, input) =>
    listing(
      account,
      findApi(account, input.apiId).deployments.values(),
      input,
      (one) => one.deploymentId,
      deploymentOut,
    ),
  ),

  UpdateDeployment: operation(
    z.strictObject({ apiId: id, deploymentId: id, description: description.optional() }),
    (account, input) => {
      const deployment = findDeployment(findApi(account, input.apiId), input.deploymentId);
      deployment.description = input.description ?? deployment.description;
      return deploymentOut(deployment);
    },
  ),

  DeleteDeployment: operation(z.strictObject({ apiId: id, deploymentId: id }), (account, input) => {
    const api = findApi(account, input.apiId);
    const { deploymentId } = findDeployment(api, input.deploymentId);
    if ([...api.stages.values()].some((stage) => stage.deploymentId === deploymentId)) {
      throw badRequest("Active stages pointing to this deployment must be moved or deleted");
    }
    api.deployments.delete(deploymentId);
  }),
};

/** The deployment; NotFoundException when the API has none of this id. */
export function findDeployment(api: Api, deploymentId: string): Deployment {
  const deployment = api.deployments.get(deploymentId);
  if (deployment === undefined) throw notFound(`Invalid deployment identifier specified ${deploymentId}`);
  return deployment;
}

/**
 * The deployment a stage serves at `now` (epoch milliseconds): the one it points to once that is DEPLOYED, until then the
 * newest before it that was. Undefined: the stage serves nothing yet.
 */
export function servedDeployment(api: Deployments, stage: Stage, now = Date.now()): Deployment | undefined {
  return deploymentsOf(api, stage).findLast((one) => one.deployedAt <= now);
}

/** Points the stage to a deployment of the API. */
export function moveStage(api: Deployments, stage: Stage, deploymentId: string): void {
  if (stage.deploymentId === deploymentId) return;
  const known = deploymentsOf(api, stage);
  const served = servedDeployment(api, stage);
  stage.earlierDeployments = served === undefined ? known : known.slice(known.lastIndexOf(served));
  stage.deploymentId = deploymentId;
}

function deploymentsOf(api: Deployments, stage: Stage): readonly Deployment[] {
  const current = api.deployments.get(stage.deploymentId ?? "");
  return current === undefined ? stage.earlierDeployments : [...stage.earlierDeployments, current];
}

/** Deploys the API as it is now and moves every stage that deploys by itself. To be called after each change. */
export function autoDeploy(account: Account, api: Api): void {
  const stages = [...api.stages.values()].filter((stage) => stage.autoDeploy);
  if (stages.length === 0) return;
  const now = new Date();
  if (api.routes.size === 0) {
    for (const stage of stages) stage.lastDeploymentStatusMessage = `Deployment attempt failed: ${NO_ROUTES}`;
    return;
  }
  const description = "Automatic deployment triggered by changes to the Api configuration";
  const { deploymentId } = snapshot(account, api, { description, autoDeployed: true });
  for (const stage of stages) {
    moveStage(api, stage, deploymentId);
    stage.lastUpdatedDate = now;
    stage.lastDeploymentStatusMessage = `Successfully deployed stage with deployment ID '${deploymentId}'`;
  }
}

/** [aws 5.6] a stage that deploys by itself takes no deployment from outside. */
export function deploymentRefused(stageName: string) {
  return badRequest(`Deployment ID cannot be set on stage ${stageName} because AutoDeploy is enabled`);
}

function snapshot(
  account: Account,
  api: Api,
  options: { readonly description: string | undefined; readonly autoDeployed: boolean },
): Deployment {
  const deployment: Deployment = {
    deploymentId: newId(6),
    createdDate: new Date(),
    autoDeployed: options.autoDeployed,
    description: options.description,
    deployedAt: Date.now() + account.timing.deploymentMs,
    cors: api.cors,
    authorizers: new Map(api.authorizers),
    routes: [...api.routes.values()],
    integrations: new Map(api.integrations),
  };
  api.deployments.set(deployment.deploymentId, deployment);
  return deployment;
}

/** Whether stages serve the deployment by now. */
export function isDeployed(deployment: Deployment): boolean {
  return deployment.deployedAt <= Date.now();
}

function deploymentOut(deployment: Deployment) {
  return {
    autoDeployed: deployment.autoDeployed,
    createdDate: deployment.createdDate,
    deploymentId: deployment.deploymentId,
    deploymentStatus: isDeployed(deployment) ? "DEPLOYED" : "PENDING",
    description: deployment.description || undefined,
  };
}
