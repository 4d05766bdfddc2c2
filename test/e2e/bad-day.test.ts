// A gateway on an AWS that is late, inconsistent and busy, with two items to a page.
import { GetApisCommand } from "@aws-sdk/client-apigatewayv2";
import { expect, test } from "vitest";
import { clients, EMPTY_ACCOUNT, inventory } from "../support/account.ts";
import { llmGwJson, temporaryFolder } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";

freshAwsForEachTest();

const run = (...args: string[]) => llmGwJson(folder, aws.env, args);
// What is waited for is cut short; what makes calls fail is not.
const BAD_DAY = { timing: "hostile", rolePropagationMs: 1500, functionSettleMs: 500, deploymentMs: 300 } as const;

test("a gateway is deployed, changed, found unchanged and destroyed", async () => {
  await aws.timing(BAD_DAY);
  expect(await run("deploy")).toMatchObject({ summary: { created: 13 } });
  expect(await run("invoke", "--prompt", "hello")).toMatchObject({ status: 200 });
  const changed = ["deploy", "--memory", "1024", "--auth", "none"];
  // A deployment; the function, the four routes and the stage.
  expect(await run(...changed)).toMatchObject({ summary: { created: 1, updated: 6 } });
  await aws.calls();
  expect(await run(...changed)).toMatchObject({ calls: { mutating: 0 } });
  await run("destroy", "--yes");
  await aws.timing({ timing: "off" });
  expect(await inventory(aws)).toEqual(EMPTY_ACCOUNT);
});

test("two machines at once end with one gateway", async () => {
  await aws.timing({ ...BAD_DAY, rates: false });
  const other = await temporaryFolder();
  const both = await Promise.all([folder, other].map((cwd) => llmGwJson(cwd, aws.env, ["deploy"])));
  expect(both[0].endpoint).toBe(both[1].endpoint);
  await aws.timing({ timing: "off" });
  const { Items } = await clients(aws).apigateway.send(new GetApisCommand({}));
  expect(Items).toHaveLength(1);
});
