import * as api from "@aws-sdk/client-apigatewayv2";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createApi, FUNCTION_ARN } from "./apigateway-fixture.ts";
import { refusal, startAccount, type TestAccount } from "./control-plane-support.ts";

let aws: TestAccount;
beforeEach(async () => {
  aws = await startAccount();
});
afterEach(async () => {
  await aws.close();
});

test("CORS is set with an API, merges with changes, and goes with its own call alone", async () => {
  const { ApiId } = await createApi(aws, {
    CorsConfiguration: { AllowOrigins: ["https://a.example", "http://*"], AllowMethods: ["GET"], MaxAge: -1 },
  });
  const update = async (CorsConfiguration: api.Cors) =>
    (await aws.api.send(new api.UpdateApiCommand({ ApiId, CorsConfiguration }))).CorsConfiguration;
  expect(await update({ AllowHeaders: ["content-type"], AllowMethods: [] })).toEqual({
    AllowHeaders: ["content-type"],
    AllowOrigins: ["https://a.example", "http://*"],
    MaxAge: -1,
  });
  expect(await update({})).toMatchObject({ MaxAge: -1 });
  await aws.api.send(new api.DeleteCorsConfigurationCommand({ ApiId }));
  expect((await aws.api.send(new api.GetApiCommand({ ApiId }))).CorsConfiguration).toBeUndefined();
});

test("a refused change of an API changes none of it", async () => {
  const { ApiId } = await createApi(aws, { CorsConfiguration: { AllowOrigins: ["*"] } });
  await refusal(
    aws.api.send(new api.UpdateApiCommand({ ApiId, Name: "new", CorsConfiguration: { AllowCredentials: true } })),
  );
  expect(await aws.api.send(new api.GetApiCommand({ ApiId }))).toMatchObject({
    Name: "a",
    CorsConfiguration: { AllowOrigins: ["*"] },
  });
});

test("the endpoint, the address type and the texts of an API change and are cleared", async () => {
  const { ApiId } = await createApi(aws, {
    DisableExecuteApiEndpoint: true,
    IpAddressType: "dualstack",
    Description: "d",
    Version: "1",
    RouteSelectionExpression: "\u0024{request.method} \u0024{request.path}",
    ApiKeySelectionExpression: "$request.header.x-api-key",
  });
  expect(await aws.api.send(new api.GetApiCommand({ ApiId }))).toMatchObject({
    DisableExecuteApiEndpoint: true,
    IpAddressType: "dualstack",
    RouteSelectionExpression: "$request.method $request.path",
  });
  const cleared = await aws.api.send(
    new api.UpdateApiCommand({
      ApiId,
      DisableExecuteApiEndpoint: false,
      IpAddressType: "ipv4",
      Description: "",
      Version: "",
    }),
  );
  expect(cleared).toMatchObject({ DisableExecuteApiEndpoint: false, IpAddressType: "ipv4" });
  expect([cleared.Description, cleared.Version]).toEqual([undefined, undefined]);
});

test("an integration may name a version or an alias of its function", async () => {
  const { ApiId, IntegrationId } = await createApi(aws);
  for (const qualifier of ["7", "live", "$LATEST"]) {
    const IntegrationUri = `${FUNCTION_ARN}:${qualifier}`;
    const empty = { RequestParameters: {}, ResponseParameters: {}, TlsConfig: {} };
    const changed = await aws.api.send(
      new api.UpdateIntegrationCommand({ ApiId, IntegrationId, IntegrationUri, ...empty }),
    );
    expect(changed.IntegrationUri).toBe(IntegrationUri);
  }
});

test("route keys take every shape HTTP APIs document", async () => {
  const { ApiId } = await createApi(aws);
  for (const RouteKey of ["$default", "GET /", "ANY /{proxy+}", "POST /a/{b}/c/{d+}", "PUT /v1.0/~x/a:b"]) {
    expect((await aws.api.send(new api.CreateRouteCommand({ ApiId, RouteKey }))).RouteKey).toBe(RouteKey);
  }
});

test("access logs are set, changed by merging, and go with their own call alone", async () => {
  const { ApiId } = await createApi(aws);
  await aws.logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/vendedlogs/a" }));
  const DestinationArn = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/a";
  const Format = '{"id":"$context.extendedRequestId"}';
  const StageName = "my-stage";
  await aws.api.send(
    new api.CreateStageCommand({
      ApiId,
      StageName,
      AccessLogSettings: { DestinationArn, Format: "$context.requestId" },
    }),
  );
  const changed = await aws.api.send(new api.UpdateStageCommand({ ApiId, StageName, AccessLogSettings: { Format } }));
  expect(changed.AccessLogSettings).toEqual({ DestinationArn, Format });
  await aws.api.send(new api.DeleteAccessLogSettingsCommand({ ApiId, StageName }));
  expect((await aws.api.send(new api.GetStageCommand({ ApiId, StageName }))).AccessLogSettings).toBeUndefined();
});

test("an API takes ten stages", async () => {
  const { ApiId } = await createApi(aws);
  const create = (n: number) => aws.api.send(new api.CreateStageCommand({ ApiId, StageName: `s${n}` }));
  for (let n = 0; n < 10; n += 1) await create(n);
  expect(await refusal(create(10))).toMatchObject({
    name: "ConflictException",
    status: 429,
    message: expect.stringContaining("Maximum number of Stages for this API has been reached."),
  });
});

test("an API takes 300 routes and 300 integrations, and an account 600 APIs", async () => {
  const { ApiId } = await createApi(aws);
  const route = (n: number) => aws.api.send(new api.CreateRouteCommand({ ApiId, RouteKey: `GET /r${n}` }));
  const integration = () =>
    aws.api.send(
      new api.CreateIntegrationCommand({
        ApiId,
        IntegrationType: "AWS_PROXY",
        IntegrationUri: FUNCTION_ARN,
        PayloadFormatVersion: "2.0",
      }),
    );
  const newApi = () => aws.api.send(new api.CreateApiCommand({ Name: "a", ProtocolType: "HTTP" }));
  for (let n = 1; n < 300; n += 1) await Promise.all([route(n), integration(), newApi()]);
  for (let n = 300; n < 600; n += 1) await newApi();
  const messages = await Promise.all([route(300), integration(), newApi()].map((call) => refusal(call)));
  expect(messages.map(({ status, message }) => [status, message.split(".")[0]])).toEqual([
    [429, "Maximum number of Routes for this API has been reached"],
    [429, "Maximum number of Integrations for this API has been reached"],
    [429, "Maximum number of APIs for this account has been reached"],
  ]);
});
