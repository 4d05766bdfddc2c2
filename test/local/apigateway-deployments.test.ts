import * as api from "@aws-sdk/client-apigatewayv2";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { moveStage, servedDeployment } from "../../src/local/services/apigatewayv2-deployments.ts";
import type { Deployment, Stage } from "../../src/local/store/apigatewayv2.ts";
import { createApi } from "./apigateway-fixture.ts";
import { startAccount, type TestAccount } from "./control-plane-support.ts";

let aws: TestAccount;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  aws = await startAccount({ timing: { deploymentMs: 1000 } });
});
afterEach(async () => {
  vi.useRealTimers();
  await aws.close();
});

const StageName = "prod";

function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

test("a deployment is pending for its time and deployed after it", async () => {
  const { ApiId } = await createApi(aws);
  const made = await aws.api.send(new api.CreateDeploymentCommand({ ApiId }));
  expect(made.DeploymentStatus).toBe("PENDING");
  const status = async () =>
    (await aws.api.send(new api.GetDeploymentCommand({ ApiId, DeploymentId: made.DeploymentId }))).DeploymentStatus;
  pass(999);
  expect(await status()).toBe("PENDING");
  pass(1);
  expect(await status()).toBe("DEPLOYED");
});

test("a stage that deploys by itself says so once it has", async () => {
  const { ApiId } = await createApi(aws);
  const stage = await aws.api.send(new api.CreateStageCommand({ ApiId, StageName, AutoDeploy: true }));
  expect([stage.DeploymentId, stage.LastDeploymentStatusMessage]).toEqual([expect.any(String), undefined]);
  pass(1000);
  const settled = await aws.api.send(new api.GetStageCommand({ ApiId, StageName }));
  expect(settled.LastDeploymentStatusMessage).toBe(
    `Successfully deployed stage with deployment ID '${stage.DeploymentId}'`,
  );
});

test.each(["CORS", "an authorizer", "a route"])("%s is deployed like any other change", async (change) => {
  const { ApiId, RouteId } = await createApi(aws);
  const before = await aws.api.send(new api.CreateStageCommand({ ApiId, StageName, AutoDeploy: true }));
  if (change === "CORS") {
    await aws.api.send(new api.UpdateApiCommand({ ApiId, CorsConfiguration: { AllowOrigins: ["*"] } }));
  } else if (change === "a route") {
    await aws.api.send(new api.UpdateRouteCommand({ ApiId, RouteId, AuthorizationType: "AWS_IAM" }));
  } else {
    await aws.api.send(
      new api.CreateAuthorizerCommand({
        ApiId,
        Name: "l",
        AuthorizerType: "REQUEST",
        AuthorizerUri:
          "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations",
        AuthorizerPayloadFormatVersion: "2.0",
        IdentitySource: [],
      }),
    );
  }
  const after = await aws.api.send(new api.GetStageCommand({ ApiId, StageName }));
  expect(after.DeploymentId).not.toBe(before.DeploymentId);
});

test("a stage serves what it served before until its new deployment is through", () => {
  const now = Date.now();
  const made = [deployment("one", now + 10), deployment("two", now + 20), deployment("three", now + 30)];
  const holder = { deployments: new Map(made.map((one) => [one.deploymentId, one])) };
  const stage = unserved();
  const served = (ms: number) => servedDeployment(holder, stage, now + ms)?.deploymentId;
  expect(served(99)).toBeUndefined();
  for (const id of ["one", "two", "three"]) moveStage(holder, stage, id);
  expect([9, 10, 19, 20, 30].map(served)).toEqual([undefined, "one", "one", "two", "three"]);
  pass(25);
  moveStage(holder, stage, "one");
  expect([served(25), served(35)]).toEqual(["one", "one"]);
  // What it cannot serve any more, it forgets.
  expect(stage.earlierDeployments.map((one) => one.deploymentId)).toEqual(["two", "three"]);
});

test("a stage goes on serving a deployment that is deleted before the next one is through", () => {
  const now = Date.now();
  const [one, two] = [deployment("one", now), deployment("two", now + 10)];
  const holder = {
    deployments: new Map([
      ["one", one],
      ["two", two],
    ]),
  };
  const stage = unserved();
  moveStage(holder, stage, "one");
  moveStage(holder, stage, "two");
  holder.deployments.delete("one");
  expect(servedDeployment(holder, stage)).toBe(one);
});

function deployment(deploymentId: string, deployedAt: number): Deployment {
  return {
    deploymentId,
    deployedAt,
    createdDate: new Date(0),
    autoDeployed: false,
    description: undefined,
    cors: undefined,
    authorizers: new Map(),
    routes: [],
    integrations: new Map(),
  };
}

function unserved(): Stage {
  return {
    stageName: StageName,
    createdDate: new Date(0),
    lastUpdatedDate: new Date(0),
    autoDeploy: false,
    deploymentId: undefined,
    earlierDeployments: [],
    cacheResetAt: 0,
    lastDeploymentStatusMessage: undefined,
    description: undefined,
    defaultRouteSettings: {},
    routeSettings: new Map(),
    stageVariables: new Map(),
    accessLogSettings: undefined,
    tags: new Map(),
  };
}
