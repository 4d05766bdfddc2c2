// What tests of failures need of the local AWS: an answer that never comes, and a way back to an earlier account.
import { CreateApiCommand, CreateRouteCommand, GetApisCommand, GetRoutesCommand } from "@aws-sdk/client-apigatewayv2";
import {
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { ListTagsCommand } from "@aws-sdk/client-lambda";
import { afterAll, beforeEach, expect, test } from "vitest";
import { clients } from "../support/account.ts";
import { startLocal } from "../support/served-aws.ts";

let heard: (line: string) => void = () => undefined;
const aws = await startLocal((line) => heard(line));
const other = await startLocal();
const { apigateway, logs, lambda } = clients(aws);
const empty = aws.save();
beforeEach(() => aws.restore(empty));
afterAll(() => Promise.all([aws.close(), other.close()]));

const createApi = () => apigateway.send(new CreateApiCommand({ Name: "a", ProtocolType: "HTTP" }));

test("a call that hangs has taken effect, keeps nothing busy, and is answered when the faults are replaced", async () => {
  const { ApiId } = await createApi();
  const hanging = new Promise<void>((resolve) => {
    heard = (line) => (line === "apigateway CreateRoute hangs" ? resolve() : undefined);
  });
  await aws.faults({ operation: "CreateRoute", nth: 1, effect: "after", kind: "hang" });
  let isAnswered = false;
  const first = apigateway.send(new CreateRouteCommand({ ApiId, RouteKey: "GET /a" })).finally(() => {
    isAnswered = true;
  });
  await hanging;
  await apigateway.send(new CreateRouteCommand({ ApiId, RouteKey: "GET /b" }));
  expect((await apigateway.send(new GetRoutesCommand({ ApiId }))).Items).toHaveLength(2);
  expect(isAnswered).toBe(false);
  await aws.faults();
  expect(await first).toMatchObject({ RouteKey: "GET /a" });
});

test("a fault of one service leaves the same operation of another alone", async () => {
  await logs.send(new CreateLogGroupCommand({ logGroupName: "g" }));
  const fault = {
    kind: "error",
    nth: 1,
    times: 9,
    effect: "before",
    status: 400,
    code: "Struck",
    message: "",
  } as const;
  await aws.faults({ service: "lambda", ...fault });
  const resourceArn = "arn:aws:logs:eu-west-1:000000000000:log-group:g";
  await logs.send(new ListTagsForResourceCommand({ resourceArn }));
  const Resource = "arn:aws:lambda:eu-west-1:000000000000:function:f";
  await expect(lambda.send(new ListTagsCommand({ Resource }))).rejects.toMatchObject({ name: "Struck" });
  await aws.faults();
});

test("an account goes back to what was saved, as often as one likes, and in another local AWS", async () => {
  const { ApiId } = await createApi();
  await apigateway.send(new CreateRouteCommand({ ApiId, RouteKey: "GET /a" }));
  const saved = aws.save();
  for (const _again of [1, 2]) {
    await apigateway.send(new CreateRouteCommand({ ApiId, RouteKey: "GET /b" }));
    await createApi();
    await logs.send(new CreateLogGroupCommand({ logGroupName: "g" }));
    aws.restore(saved);
    expect((await apigateway.send(new GetApisCommand({}))).Items).toHaveLength(1);
    expect((await apigateway.send(new GetRoutesCommand({ ApiId }))).Items).toHaveLength(1);
    expect((await logs.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([]);
  }
  other.restore(saved);
  expect((await clients(other).apigateway.send(new GetRoutesCommand({ ApiId }))).Items).toHaveLength(1);
});
