import * as api from "@aws-sdk/client-apigatewayv2";
import { afterAll, beforeAll, describe } from "vitest";
import { createApi, discoveryOf, INVOKE_URI, serveIssuer } from "./apigateway-fixture.ts";
import { type Refusal, startAccount, type TestAccount } from "./control-plane-support.ts";
import { testRefusals } from "./refusals-fixture.ts";

type Issuer = Awaited<ReturnType<typeof serveIssuer>>;

/** One account for all: what is refused changes nothing. */
let aws: TestAccount;
let ApiId: string;
let AuthorizerId: string;
let issuers: Record<"good" | "missing" | "otherwise" | "large" | "moved" | "prose" | "keyless" | "silent", Issuer>;

beforeAll(async () => {
  aws = await startAccount();
  ({ ApiId } = await createApi(aws));
  issuers = {
    good: await serveIssuer((url) => ({ body: discoveryOf(url) })),
    missing: await serveIssuer((url) => ({ status: 404, body: discoveryOf(url) })),
    otherwise: await serveIssuer(() => ({ body: discoveryOf("https://other.example") })),
    large: await serveIssuer((url) => ({ body: discoveryOf(url) + " ".repeat(150_001) })),
    moved: await serveIssuer((url, path) =>
      path === "/moved" ? { body: discoveryOf(url) } : { status: 302, headers: { location: `${url}/moved` } },
    ),
    prose: await serveIssuer(() => ({ body: "no JSON" })),
    keyless: await serveIssuer((url) => ({ body: JSON.stringify({ issuer: url }) })),
    silent: await serveIssuer(() => new Promise(() => undefined)),
  };
  ({ AuthorizerId = "" } = await aws.api.send(new api.CreateAuthorizerCommand(lambda({ Name: "taken" }))));
});
afterAll(async () => {
  await aws.close();
  for (const issuer of Object.values(issuers)) await issuer.close();
});

function jwt(input: Partial<api.CreateAuthorizerCommandInput>): api.CreateAuthorizerCommandInput {
  return {
    ApiId,
    Name: "jwt",
    AuthorizerType: "JWT",
    IdentitySource: ["$request.header.Authorization"],
    JwtConfiguration: { Issuer: issuers.good.url, Audience: ["a"] },
    ...input,
  };
}

function lambda(input: Partial<api.CreateAuthorizerCommandInput>): api.CreateAuthorizerCommandInput {
  return {
    ApiId,
    Name: "lambda",
    AuthorizerType: "REQUEST",
    IdentitySource: [],
    AuthorizerUri: INVOKE_URI,
    AuthorizerPayloadFormatVersion: "2.0",
    ...input,
  };
}

const created = (
  message: string,
  input: () => api.CreateAuthorizerCommandInput,
  name = "BadRequestException",
  status = 400,
): Refusal => [name, status, message, () => aws.api.send(new api.CreateAuthorizerCommand(input()))];

const issuedBy = (name: keyof typeof issuers): Refusal =>
  created("Issuer must have a valid discovery endpoint ended with '/.well-known/openid-configuration'", () =>
    jwt({ JwtConfiguration: { Issuer: issuers[name].url, Audience: ["a"] } }),
  );

const NO_URL = "Invalid issuer: Issuer is not a valid URL for JWT Authorizer";

describe("a JWT authorizer", () => {
  testRefusals({
    "an issuer without a discovery document": issuedBy("missing"),
    "an issuer that calls itself otherwise": issuedBy("otherwise"),
    "a discovery document above 150,000 bytes": issuedBy("large"),
    "a discovery document that has moved": issuedBy("moved"),
    "a discovery document that is no JSON": issuedBy("prose"),
    "an issuer without keys": issuedBy("keyless"),
    "an issuer that does not answer within 1.5 s": issuedBy("silent"),
    "an issuer nobody serves": created("Caught exception when connecting to http://127.0.0.1:1/.well-known/", () =>
      jwt({ JwtConfiguration: { Issuer: "http://127.0.0.1:1", Audience: ["a"] } }),
    ),
    "an issuer over http on another machine": created(NO_URL, () =>
      jwt({ JwtConfiguration: { Issuer: "http://issuer.example", Audience: ["a"] } }),
    ),
    "an issuer that is no URL": created(NO_URL, () => jwt({ JwtConfiguration: { Issuer: "me", Audience: ["a"] } })),
    "no issuer": created(NO_URL, () => jwt({ JwtConfiguration: { Audience: ["a"] } })),
    "no JWT configuration": created("JwtConfiguration must not be null for JWT Authorizer", () =>
      jwt({ JwtConfiguration: undefined }),
    ),
    "no audience": created("Audience list must have at least 1 item for JWT Authorizer", () =>
      jwt({ JwtConfiguration: { Issuer: issuers.good.url, Audience: [] } }),
    ),
    "51 audiences": created("Audience list must have at most 50 items for JWT Authorizer", () =>
      jwt({ JwtConfiguration: { Issuer: issuers.good.url, Audience: Array.from({ length: 51 }, String) } }),
    ),
    "two identity sources": created("Identity source must be a single request header or querystring parameter", () =>
      jwt({ IdentitySource: ["$request.header.A", "$request.header.B"] }),
    ),
    "a token from the context": created("Invalid identity source expression: $context.path", () =>
      jwt({ IdentitySource: ["$context.path"] }),
    ),
    "simple responses, even as false": created("EnableSimpleResponses is not supported for JWT Authorizer", () =>
      jwt({ EnableSimpleResponses: false }),
    ),
    "a time to live": created("AuthorizerResultTtlInSeconds is not supported for JWT Authorizer", () =>
      jwt({ AuthorizerResultTtlInSeconds: 0 }),
    ),
  });
});

describe("a Lambda authorizer", () => {
  testRefusals({
    "no URI": created("AuthorizerUri is a required field in an Authorizer", () => lambda({ AuthorizerUri: undefined })),
    "a plain function ARN": created("Authorizer URI should be a valid API Gateway ARN", () =>
      lambda({ AuthorizerUri: "arn:aws:lambda:us-east-1:000000000000:function:f" }),
    ),
    "no payload format version": created(
      "AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer",
      () => lambda({ AuthorizerPayloadFormatVersion: undefined }),
    ),
    "an unknown payload format version": created("AuthorizerPayloadFormatVersion 3.0 is not supported", () =>
      lambda({ AuthorizerPayloadFormatVersion: "3.0" }),
    ),
    "simple responses of version 1.0": created(
      'EnableSimpleResponses can only be set for AuthorizerPayloadFormatVersion "2.0".',
      () => lambda({ AuthorizerPayloadFormatVersion: "1.0", EnableSimpleResponses: true }),
    ),
    "a time to live above an hour": created("TTL must be between 0 and 3600 seconds.", () =>
      lambda({ AuthorizerResultTtlInSeconds: 3601, IdentitySource: ["$request.header.A"] }),
    ),
    "caching without an identity source": created(
      "Identity source must be set if authorizer caching is enabled (TTL is greater than 0)",
      () => lambda({ AuthorizerResultTtlInSeconds: 1 }),
    ),
    "an identity source of REST": created("Invalid identity source expression: method.request.header.A", () =>
      lambda({ IdentitySource: ["method.request.header.A"] }),
    ),
    "a JWT configuration": created("JwtConfiguration is not supported for REQUEST Authorizer", () =>
      lambda({ JwtConfiguration: { Issuer: issuers.good.url } }),
    ),
    "a name that is taken": created(
      "Authorizer name must be unique. Authorizer taken already exists in this RestApi.",
      () => lambda({ Name: "taken" }),
    ),
    credentials: created(
      "The local AWS does not implement credentials of authorizers.",
      () => lambda({ AuthorizerCredentialsArn: "arn:aws:iam::000000000000:role/r" }),
      "NotImplemented",
      501,
    ),
    "another type in an update": [
      "BadRequestException",
      400,
      "The type of an authorizer cannot be changed",
      () => aws.api.send(new api.UpdateAuthorizerCommand({ ApiId, AuthorizerId, AuthorizerType: "JWT" })),
    ],
    "an update that leaves caching without an identity source": [
      "BadRequestException",
      400,
      "Identity source must be set if authorizer caching is enabled (TTL is greater than 0)",
      () => aws.api.send(new api.UpdateAuthorizerCommand({ ApiId, AuthorizerId, AuthorizerResultTtlInSeconds: 9 })),
    ],
  });
});
