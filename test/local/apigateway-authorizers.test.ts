import * as api from "@aws-sdk/client-apigatewayv2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApi, discoveryOf, FUNCTION_ARN, INVOKE_URI, serveIssuer } from "./apigateway-fixture.ts";
import { refusal, startAccount, type TestAccount } from "./control-plane-support.ts";

let aws: TestAccount;
let ApiId: string;
let RouteId: string;
let issuer: Awaited<ReturnType<typeof serveIssuer>>;

beforeAll(async () => {
  aws = await startAccount();
  issuer = await serveIssuer((url) => ({ body: discoveryOf(url) }));
  ({ ApiId, RouteId } = await createApi(aws));
});
afterAll(async () => {
  await aws.close();
  await issuer.close();
});

function createJwt(input: Partial<api.CreateAuthorizerCommandInput> = {}) {
  return aws.api.send(
    new api.CreateAuthorizerCommand({
      ApiId,
      Name: "jwt",
      AuthorizerType: "JWT",
      IdentitySource: ["$request.header.Authorization"],
      JwtConfiguration: { Issuer: issuer.url, Audience: ["one", "two"] },
      ...input,
    }),
  );
}

function createRequest(input: Partial<api.CreateAuthorizerCommandInput> = {}) {
  return aws.api.send(
    new api.CreateAuthorizerCommand({
      ApiId,
      Name: "lambda",
      AuthorizerType: "REQUEST",
      IdentitySource: ["$request.header.X-Key", "$request.querystring.key", "$context.routeKey", "$stageVariables.v"],
      AuthorizerUri: INVOKE_URI,
      AuthorizerPayloadFormatVersion: "2.0",
      ...input,
    }),
  );
}

test("a JWT authorizer is made after asking its issuer, changed by merging, and asked for again", async () => {
  issuer.asked.length = 0;
  const { AuthorizerId, $metadata, ...made } = await createJwt();
  expect([$metadata.httpStatusCode, AuthorizerId]).toEqual([201, expect.stringMatching(/^[a-z0-9]{6}$/)]);
  expect(made).toEqual({
    Name: "jwt",
    AuthorizerType: "JWT",
    IdentitySource: ["$request.header.Authorization"],
    JwtConfiguration: { Issuer: issuer.url, Audience: ["one", "two"] },
  });
  const update = { ApiId, AuthorizerId, JwtConfiguration: { Audience: ["three"] } };
  const changed = await aws.api.send(new api.UpdateAuthorizerCommand(update));
  expect(changed.JwtConfiguration).toEqual({ Issuer: issuer.url, Audience: ["three"] });
  expect(issuer.asked).toEqual(["/.well-known/openid-configuration", "/.well-known/openid-configuration"]);
  const { $metadata: _, ...read } = await aws.api.send(new api.GetAuthorizerCommand({ ApiId, AuthorizerId }));
  expect(read).toEqual({ ...made, AuthorizerId, JwtConfiguration: changed.JwtConfiguration });
  await aws.api.send(new api.DeleteAuthorizerCommand({ ApiId, AuthorizerId }));
  expect(await refusal(aws.api.send(new api.GetAuthorizerCommand({ ApiId, AuthorizerId })))).toMatchObject({
    name: "NotFoundException",
    message: `Invalid Authorizer identifier specified ${AuthorizerId}`,
  });
});

test("an issuer may end in a slash", async () => {
  const { AuthorizerId } = await createJwt({ JwtConfiguration: { Issuer: `${issuer.url}/`, Audience: ["a"] } });
  await aws.api.send(new api.DeleteAuthorizerCommand({ ApiId, AuthorizerId }));
});

test("a Lambda authorizer keeps no decisions and answers with policies unless it is told otherwise", async () => {
  const { AuthorizerId, ...made } = await createRequest();
  expect(made).toMatchObject({ AuthorizerResultTtlInSeconds: 0, EnableSimpleResponses: false });
  const changed = await aws.api.send(
    new api.UpdateAuthorizerCommand({
      ApiId,
      AuthorizerId,
      AuthorizerResultTtlInSeconds: 300,
      EnableSimpleResponses: true,
      AuthorizerUri: INVOKE_URI.replace(FUNCTION_ARN, `${FUNCTION_ARN}:live`),
    }),
  );
  expect(changed).toMatchObject({
    Name: "lambda",
    AuthorizerPayloadFormatVersion: "2.0",
    AuthorizerResultTtlInSeconds: 300,
    EnableSimpleResponses: true,
    IdentitySource: ["$request.header.X-Key", "$request.querystring.key", "$context.routeKey", "$stageVariables.v"],
  });
  await aws.api.send(new api.DeleteAuthorizerCommand({ ApiId, AuthorizerId }));
});

test("a route takes an authorizer and scopes, keeps the authorizer in use, and lets go of both by name", async () => {
  const { AuthorizerId } = await createJwt();
  const update = (input: Partial<api.UpdateRouteCommandInput>) =>
    aws.api.send(new api.UpdateRouteCommand({ ApiId, RouteId, ...input }));
  const route = await update({ AuthorizationType: "JWT", AuthorizerId, AuthorizationScopes: ["read"] });
  expect(route).toMatchObject({ AuthorizationType: "JWT", AuthorizerId, AuthorizationScopes: ["read"] });
  const inUse = {
    name: "ConflictException",
    status: 409,
    message: "Cannot delete authorizer 'jwt', is referenced in route: GET /a",
  };
  expect(await refusal(aws.api.send(new api.DeleteAuthorizerCommand({ ApiId, AuthorizerId })))).toEqual(inUse);
  const kept = await update({ AuthorizationType: "NONE", AuthorizationScopes: [] });
  expect(kept).toMatchObject({ AuthorizationType: "NONE", AuthorizerId });
  expect(await refusal(aws.api.send(new api.DeleteAuthorizerCommand({ ApiId, AuthorizerId })))).toEqual(inUse);
  const cleared = await update({ AuthorizationType: "NONE", AuthorizerId: "" });
  expect([cleared.AuthorizerId, cleared.AuthorizationScopes]).toEqual([undefined, undefined]);
  await aws.api.send(new api.DeleteAuthorizerCommand({ ApiId, AuthorizerId }));
});

test("an API takes ten authorizers, in pages, and refuses the eleventh as AWS does", async () => {
  const other = await createApi(aws);
  const names = Array.from({ length: 10 }, (_, n) => `a${n}`);
  for (const Name of names) await createRequest({ ApiId: other.ApiId, Name });
  expect(await refusal(createRequest({ ApiId: other.ApiId, Name: "a10" }))).toEqual({
    name: "ConflictException",
    status: 429,
    message:
      "Maximum number of Authorizers for this API has been reached. Please contact AWS if you need additional Authorizers.",
  });
  const seen: unknown[] = [];
  let NextToken: string | undefined;
  do {
    const page = await aws.api.send(
      new api.GetAuthorizersCommand({ ApiId: other.ApiId, MaxResults: "4", ...(NextToken && { NextToken }) }),
    );
    seen.push(...(page.Items ?? []).map((item) => item.Name));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(seen.sort()).toEqual(names);
});

test("the cache of a stage's authorizers is reset", async () => {
  await aws.api.send(new api.CreateStageCommand({ ApiId, StageName: "prod" }));
  const { $metadata } = await aws.api.send(new api.ResetAuthorizersCacheCommand({ ApiId, StageName: "prod" }));
  expect($metadata.httpStatusCode).toBe(204);
  expect(await refusal(aws.api.send(new api.ResetAuthorizersCacheCommand({ ApiId, StageName: "no" })))).toMatchObject({
    name: "NotFoundException",
    message: "Invalid stage identifier specified",
  });
});
