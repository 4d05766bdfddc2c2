// Whatever settings the local AWS takes, requests that meet them are answered.
import * as api from "@aws-sdk/client-apigatewayv2";
import * as lambda from "@aws-sdk/client-lambda";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApi, discoveryOf, INVOKE_URI, serveIssuer } from "./apigateway-fixture.ts";
import { createFunction, startAccount, type TestAccount } from "./control-plane-support.ts";

let aws: TestAccount;
let issuer: Awaited<ReturnType<typeof serveIssuer>>;
beforeAll(async () => {
  aws = await startAccount();
  issuer = await serveIssuer((url) => ({ body: discoveryOf(url) }));
});
afterAll(async () => {
  await aws.close();
  await issuer.close();
});

const RUNS = { numRuns: 150, endOnFailure: true };
const word = fc.oneof(
  fc.string({ minLength: 1, maxLength: 6 }),
  fc.constantFrom("__proto__", "constructor", "*", "GET", "a\r\nx: y", 'a"b', "\u0000", "ü", "https://a.example"),
);

/** Whether the call was taken; throws unless it was taken or refused by a rule. */
async function isTaken(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    expect(error).toMatchObject({ $metadata: { httpStatusCode: 400 } });
    return false;
  }
}

test("the CORS of function URLs", async () => {
  await createFunction(aws, "f");
  const create = new lambda.CreateFunctionUrlConfigCommand({ FunctionName: "f", AuthType: "NONE" });
  const { FunctionUrl = "" } = await aws.lambda.send(create);
  const list = fc.array(word, { maxLength: 1 });
  const cors = fc.record({ AllowHeaders: list, AllowMethods: list, ExposeHeaders: list }, { requiredKeys: [] });
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(cors, async (members) => {
      const Cors = { AllowOrigins: ["*"], ...members };
      const update = new lambda.UpdateFunctionUrlConfigCommand({ FunctionName: "f", Cors });
      if (!(await isTaken(aws.lambda.send(update)))) return;
      taken += 1;
      const headers = { origin: "https://a.example", "access-control-request-method": "GET" };
      expect((await fetch(FunctionUrl, { method: "OPTIONS", headers })).status).toBe(200);
      expect((await fetch(FunctionUrl, { headers })).status).toBe(403);
    }),
    RUNS,
  );
  expect(taken).toBeGreaterThan(0);
});

test("scopes of routes and identity sources of authorizers", async () => {
  const { ApiId, RouteId } = await createApi(aws);
  await aws.api.send(new api.CreateStageCommand({ ApiId, StageName: "$default", AutoDeploy: true }));
  const authorizer = { ApiId, IdentitySource: ["$request.header.Authorization"] };
  const JwtConfiguration = { Issuer: issuer.url, Audience: ["a"] };
  const { AuthorizerId: jwt } = await aws.api.send(
    new api.CreateAuthorizerCommand({ ...authorizer, Name: "jwt", AuthorizerType: "JWT", JwtConfiguration }),
  );
  const request = { AuthorizerUri: INVOKE_URI, AuthorizerPayloadFormatVersion: "2.0" };
  const { AuthorizerId: custom } = await aws.api.send(
    new api.CreateAuthorizerCommand({ ...authorizer, ...request, Name: "request", AuthorizerType: "REQUEST" }),
  );
  const status = async (headers: Record<string, string>) =>
    (await fetch(`${aws.url}/execute-api/${ApiId}/a`, { headers })).status;
  const route = (input: Partial<api.UpdateRouteCommandInput>) =>
    aws.api.send(new api.UpdateRouteCommand({ ApiId, RouteId, AuthorizationScopes: [], ...input }));
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(word, async (text) => {
      const scoped = route({ AuthorizationType: "JWT", AuthorizerId: jwt, AuthorizationScopes: [text] });
      if (await isTaken(scoped)) expect(await status({ authorization: "no token" })).toBe(401);
      for (const [AuthorizationType, AuthorizerId] of [
        ["JWT", jwt],
        ["CUSTOM", custom],
      ] as const) {
        const IdentitySource = [`$request.header.no-${text}`.replace(/no-(?=__proto__|constructor)/, "")];
        const update = new api.UpdateAuthorizerCommand({ ApiId, AuthorizerId, IdentitySource });
        if (!(await isTaken(aws.api.send(update)))) continue;
        taken += 1;
        await route({ AuthorizationType, AuthorizerId });
        expect(await status({})).toBe(401);
      }
    }),
    RUNS,
  );
  expect(taken).toBeGreaterThan(0);
});
