import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lambda from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createFunction, refusal, startAccount, type TestAccount } from "./control-plane-support.ts";
import { apiFor, GATED, invoke, makePublic, publish } from "./lambda-fixture.ts";

let aws: TestAccount;
let folder: string;
beforeAll(async () => {
  aws = await startAccount();
  folder = await mkdtemp(join(tmpdir(), "llm-gw-test-"));
});
afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

const throttled = { name: "TooManyRequestsException", status: 429, message: "Rate Exceeded." };
const REASON = "ReservedFunctionConcurrentInvocationLimitExceeded";

async function reserve(FunctionName: string, ReservedConcurrentExecutions: number) {
  return aws.lambda.send(new lambda.PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
}

async function reservedBy(FunctionName: string) {
  return (await aws.lambda.send(new lambda.GetFunctionConcurrencyCommand({ FunctionName })))
    .ReservedConcurrentExecutions;
}

async function unreserved() {
  const { AccountLimit, AccountUsage } = await aws.lambda.send(new lambda.GetAccountSettingsCommand({}));
  expect(AccountLimit?.ConcurrentExecutions).toBe(1000);
  expect(AccountUsage?.FunctionCount).toBeGreaterThan(0);
  return AccountLimit?.UnreservedConcurrentExecutions;
}

test("a reservation is put, shown, taken from the account and deleted", async () => {
  await createFunction(aws, "reserved");
  const before = Number(await unreserved());
  expect(await reservedBy("reserved")).toBeUndefined();
  expect(await reserve("reserved", 300)).toMatchObject({ ReservedConcurrentExecutions: 300 });
  expect(await reserve("reserved", 200)).toMatchObject({ ReservedConcurrentExecutions: 200 });
  expect([await reservedBy("reserved"), await unreserved()]).toEqual([200, before - 200]);
  const { Concurrency } = await aws.lambda.send(new lambda.GetFunctionCommand({ FunctionName: "reserved" }));
  expect(Concurrency).toEqual({ ReservedConcurrentExecutions: 200 });
  await aws.lambda.send(new lambda.DeleteFunctionConcurrencyCommand({ FunctionName: "reserved" }));
  expect([await reservedBy("reserved"), await unreserved()]).toEqual([undefined, before]);
});

test("at 0 nothing runs: not by Invoke, not by a stream, not by an HTTP API and not by a URL", async () => {
  const { FunctionArn } = await createFunction(aws, "off", { Code: { ZipFile: GATED } });
  const FunctionName = "off";
  await makePublic(aws, FunctionName);
  await aws.lambda.send(
    new lambda.AddPermissionCommand({
      FunctionName,
      StatementId: "api",
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
    }),
  );
  const apiUrl = await apiFor(aws, FunctionArn ?? "");
  const { FunctionUrl = "" } = await aws.lambda.send(
    new lambda.CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE" }),
  );
  expect([(await fetch(FunctionUrl)).status, (await fetch(`${apiUrl}/x`)).status]).toEqual([200, 200]);
  await reserve(FunctionName, 0);
  expect(await refusal(invoke(aws, FunctionName))).toEqual(throttled);
  await expect(invoke(aws, FunctionName)).rejects.toMatchObject({ Reason: REASON, retryAfterSeconds: "1" });
  const stream = new lambda.InvokeWithResponseStreamCommand({ FunctionName });
  expect(await refusal(aws.lambda.send(stream))).toEqual(throttled);
  const url = await fetch(FunctionUrl);
  expect(url.headers.get("retry-after")).toBe("1");
  expect([url.status, await url.json()]).toEqual([429, { Reason: REASON, Type: "User", message: "Rate Exceeded." }]);
  const gateway = await fetch(`${apiUrl}/x`);
  expect([gateway.status, await gateway.json()]).toEqual([503, { message: "Service Unavailable" }]);
});

test("the versions of a function share its reservation, and what ends makes room", async () => {
  await createFunction(aws, "shared", { Code: { ZipFile: GATED } });
  await publish(aws, "shared");
  await reserve("shared", 1);
  const [started, go] = [join(folder, "started"), join(folder, "go")];
  const running = invoke(aws, "shared", { started, go });
  await vi.waitUntil(() => existsSync(started), { timeout: 20_000 });
  expect(await refusal(invoke(aws, "shared", {}, "1"))).toEqual(throttled);
  await writeFile(go, "");
  expect((await running).value).toBe("done");
  expect((await invoke(aws, "shared", {}, "1")).value).toBe("done");
});

test("events that wait fill 64 MB at most, and go with their function", async () => {
  const { Role } = await createFunction(aws, "waiting");
  await reserve("waiting", 0);
  const Payload = JSON.stringify("x".repeat(1_048_574));
  const event = new lambda.InvokeCommand({ FunctionName: "waiting", InvocationType: "Event", Payload });
  for (let sent = 0; sent < 64; sent += 1) expect((await aws.lambda.send(event)).StatusCode).toBe(202);
  expect(await refusal(aws.lambda.send(event))).toMatchObject({ name: "TooManyRequestsException", status: 429 });
  await aws.lambda.send(new lambda.DeleteFunctionCommand({ FunctionName: "waiting" }));
  await createFunction(aws, "waiting", { Role });
  expect((await aws.lambda.send(event)).StatusCode).toBe(202);
});
