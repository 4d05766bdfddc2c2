// The documented policy, filled in for a gateway with a name of its own, grants what the command line asks of AWS.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { llmGwJson } from "../support/cli.ts";
import { aws, folder, oneAwsForAllTests } from "../support/fixture.ts";
import { listen, reply, type Sent, sendOn } from "../support/relay.ts";

oneAwsForAllTests();

const NAME = "my-gateway";
const STAGE = "dev";

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** A permission that a request needs; any of the resources will do. */
interface Need {
  readonly action: string;
  readonly resources: readonly string[];
}

/** The policy, filled in as README says. */
async function policy(): Promise<readonly Statement[]> {
  const own = { ACCOUNT: aws.account, REGION: aws.client.region, NAME, STAGE };
  let text = await readFile("docs/deployer-policy.json", "utf8");
  for (const [placeholder, value] of Object.entries(own)) text = text.replaceAll(placeholder, value);
  return JSON.parse(text).Statement;
}

/** What a request needs [aws 7.1-7.3]. */
function needsOf({ method, url, headers, body }: Sent): Need[] {
  const path = decodeURIComponent(url.replace(/\?.*/, ""));
  const arn = (service: string, rest: string) => `arn:aws:${service}:${aws.client.region}:${aws.account}:${rest}`;
  const target = headers["x-amz-target"];
  if (typeof target === "string") {
    const { logGroupName, resourceArn = arn("logs", `log-group:${logGroupName}`) } = JSON.parse(String(body));
    // Which of a log group's two ARNs counts depends on the action.
    return [{ action: `logs:${target.replace(/^.*\./, "")}`, resources: [resourceArn, `${resourceArn}:*`] }];
  }
  if (path.startsWith("/v2/")) {
    const resource = `arn:aws:apigateway:${aws.client.region}::${path.replace("/v2", "")}`;
    return [{ action: `apigateway:${method}`, resources: [resource] }];
  }
  const [, lambdaPath] = /^\/\d{4}-\d\d-\d\d\/(.*)$/.exec(path) ?? [];
  if (lambdaPath !== undefined) {
    const { FunctionName, Role } = lambdaPath === "functions" ? JSON.parse(String(body)) : {};
    const [, name = FunctionName] = /^functions\/([^/]+)/.exec(lambdaPath) ?? [];
    const [, tagged = arn("lambda", `function:${name}`)] = /^tags\/(.+)/.exec(lambdaPath) ?? [];
    // Lambda's actions are all in one statement: any of them stands for all.
    const own = { action: "lambda:GetFunction", resources: [tagged] };
    return Role === undefined ? [own] : [own, { action: "iam:PassRole", resources: [Role] }];
  }
  const form = new URLSearchParams(String(body));
  const role = `arn:aws:iam::${aws.account}:role/${form.get("RoleName")}`;
  const action = form.get("Action");
  return action === "GetCallerIdentity" ? [] : [{ action: `iam:${action}`, resources: [role] }];
}

function grants({ Action, Resource }: Statement, { action, resources }: Need): boolean {
  const patterns = [Resource].flat().map((pattern) => pattern.replaceAll(/[^\w*]/g, "\\$&").replaceAll("*", ".*"));
  return [Action].flat().includes(action) && resources.some((arn) => new RegExp(`^(${patterns.join("|")})$`).test(arn));
}

/** A way to the AWS, and what the policy does not grant of all that came along it. */
async function watched(): Promise<{ readonly url: string; readonly missing: readonly Need[] }> {
  const statements = await policy();
  const missing: Need[] = [];
  const relay = await listen(async (sent, outgoing) => {
    missing.push(...needsOf(sent).filter((need) => !statements.some((statement) => grants(statement, need))));
    reply(outgoing, await sendOn(aws.url, sent));
  });
  onTestFinished(() => relay.close());
  return { url: relay.url, missing };
}

test("it is enough for a gateway of any name and stage, from the first deploy to destroy", async () => {
  const { url, missing } = await watched();
  const env = { ...aws.env, AWS_ENDPOINT_URL: url };
  const configure = (more: object) =>
    writeFile(join(folder, "llm-gw.json"), JSON.stringify({ name: NAME, stage: STAGE, ...more }));
  const run = (...args: string[]) => llmGwJson(folder, env, args);
  await configure({ accessLogs: true, tags: { team: "a" }, function: { logRetentionDays: 7 } });
  await run("deploy");
  await run("invoke", "--via", "lambda", "--prompt", "Hi");
  await run("logs");
  await configure({ routes: ["POST /ask"], function: { memory: 1024 } });
  await run("deploy");
  expect(await run("status")).toMatchObject({ upToDate: true });
  await run("destroy", "--yes");
  expect(missing).toEqual([]);
});
