import * as api from "@aws-sdk/client-apigatewayv2";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe } from "vitest";
import { createApi, discoveryOf, FUNCTION_ARN, INVOKE_URI, serveIssuer } from "./apigateway-fixture.ts";
import { type Refusal, startAccount, type TestAccount } from "./control-plane-support.ts";
import { testRefusals } from "./refusals-fixture.ts";

/** One account for all: what is refused changes nothing. */
let aws: TestAccount;
let ApiId: string;
let RouteId: string;
let Target: string;
let jwtId: string;
let lambdaId: string;
let issuer: Awaited<ReturnType<typeof serveIssuer>>;

beforeAll(async () => {
  aws = await startAccount();
  issuer = await serveIssuer((url) => ({ body: discoveryOf(url) }));
  ({ ApiId, RouteId, Target } = await createApi(aws));
  const jwt = {
    ApiId,
    Name: "jwt",
    IdentitySource: ["$request.header.Authorization"],
    JwtConfiguration: { Issuer: issuer.url, Audience: ["a"] },
  };
  ({ AuthorizerId: jwtId = "" } = await aws.api.send(
    new api.CreateAuthorizerCommand({ ...jwt, AuthorizerType: "JWT" }),
  ));
  const lambda = { ApiId, Name: "l", IdentitySource: [], AuthorizerUri: INVOKE_URI };
  ({ AuthorizerId: lambdaId = "" } = await aws.api.send(
    new api.CreateAuthorizerCommand({ ...lambda, AuthorizerType: "REQUEST", AuthorizerPayloadFormatVersion: "1.0" }),
  ));
  await aws.api.send(new api.CreateRouteCommand({ ApiId, RouteKey: "GET /b/{id}", Target }));
  await aws.logs.send(new CreateLogGroupCommand({ logGroupName: "/access" }));
});
afterAll(async () => {
  await aws.close();
  await issuer.close();
});

const ROUTE_KEY = 'Format should be "[HTTP METHOD] /[RESOURCE PATH]" or "$default"';
const EXECUTION_LOGS = "Execution logs are not supported on protocolType HTTP";
const LOG_GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:/access";

const bad = (message: string, call: () => Promise<unknown>): Refusal => ["BadRequestException", 400, message, call];
const missing = (what: string, call: () => Promise<unknown>): Refusal => [
  "NotImplemented",
  501,
  `The local AWS does not implement ${what}.`,
  call,
];
const newApi = (input: Partial<api.CreateApiCommandInput>) => () =>
  aws.api.send(new api.CreateApiCommand({ Name: "n", ProtocolType: "HTTP", ...input }));
const newRoute = (RouteKey: string) =>
  bad(ROUTE_KEY, () => aws.api.send(new api.CreateRouteCommand({ ApiId, RouteKey })));
const route = (input: () => Partial<api.UpdateRouteCommandInput>) => () =>
  aws.api.send(new api.UpdateRouteCommand({ ApiId, RouteId, ...input() }));
const integration = (input: Partial<api.CreateIntegrationCommandInput>) => () =>
  aws.api.send(
    new api.CreateIntegrationCommand({
      ApiId,
      IntegrationType: "AWS_PROXY",
      IntegrationUri: FUNCTION_ARN,
      PayloadFormatVersion: "2.0",
      ...input,
    }),
  );
const stage = (input: Partial<api.CreateStageCommandInput>) => () =>
  aws.api.send(new api.CreateStageCommand({ ApiId, StageName: "s", ...input }));
const logging = (DestinationArn: string, Format = "$context.requestId") =>
  stage({ AccessLogSettings: { DestinationArn, Format } });

describe("APIs", () => {
  testRefusals({
    "credentials with any origin": bad(
      "allow-credentials is not supported if 'allow-origin' is *",
      newApi({ CorsConfiguration: { AllowCredentials: true, AllowOrigins: ["https://a.example", "*"] } }),
    ),
    "an origin of another scheme": bad(
      "Invalid format for origin capacitor://localhost",
      newApi({ CorsConfiguration: { AllowOrigins: ["capacitor://localhost"] } }),
    ),
    "an origin without a scheme": bad(
      "Invalid format for origin a.example",
      newApi({ CorsConfiguration: { AllowOrigins: ["a.example"] } }),
    ),
    "an origin with a path": bad(
      "Invalid format for origin https://a.example/x",
      newApi({ CorsConfiguration: { AllowOrigins: ["https://a.example/x"] } }),
    ),
    "a preflight kept for more than a day": bad(
      "Value '86401' at 'corsConfiguration.maxAge' failed to satisfy constraint: Member must have value less than or equal to 86400",
      newApi({ CorsConfiguration: { MaxAge: 86_401 } }),
    ),
    "a preflight kept for -2 s": bad(
      "Member must have value greater than or equal to -1",
      newApi({ CorsConfiguration: { MaxAge: -2 } }),
    ),
    "another route selection": bad(
      'Route selection expression is currently limited to "\u0024{request.method} \u0024{request.path}"',
      newApi({ RouteSelectionExpression: "$request.body.action" }),
    ),
    "another API key selection": bad(
      "ApiKeySelectionExpression is not currently supported for HTTP APIs.",
      newApi({ ApiKeySelectionExpression: "$context.authorizer.usageIdentifierKey" }),
    ),
    "schemas of WebSocket messages": bad(
      "DisableSchemaValidation is not currently supported for HTTP APIs.",
      newApi({ DisableSchemaValidation: true }),
    ),
    "quick create": missing("quick create (target) of API Gateway", newApi({ Target: FUNCTION_ARN })),
    "a WebSocket API": missing("WebSocket APIs", newApi({ ProtocolType: "WEBSOCKET" })),
    "an import": missing("the operation ImportApi of apigateway", () =>
      aws.api.send(new api.ImportApiCommand({ Body: "{}" })),
    ),
    "an export": missing("the operation ExportApi of apigateway", () =>
      aws.api.send(new api.ExportApiCommand({ ApiId, Specification: "OAS30", OutputType: "JSON" })),
    ),
    models: missing("the operation GetModels of apigateway", () => aws.api.send(new api.GetModelsCommand({ ApiId }))),
  });
});

describe("routes", () => {
  testRefusals({
    "a method in small letters": newRoute("get /x"),
    "a method HTTP APIs have not": newRoute("TRACE /x"),
    "a path that does not begin with a slash": newRoute("GET x"),
    "a greedy parameter before the end": newRoute("GET /{proxy+}/x"),
    "a parameter that comes twice": newRoute("GET /{id}/x/{id}"),
    "a parameter that is part of a segment": newRoute("GET /x-{id}"),
    "an empty segment": newRoute("GET /a//b"),
    "a question mark": newRoute("GET /a?b"),
    "a percent-encoded path": newRoute("GET /a%20b"),
    ...Object.fromEntries(
      ["a b", 'a"b', "a\\b", "a\r\nx: y", "gr\u00fcezi", "\u0000"].map((scope) => [
        `the scope ${JSON.stringify(scope)}`,
        bad(
          "Invalid authorization scope",
          route(() => ({ AuthorizationType: "JWT", AuthorizerId: jwtId, AuthorizationScopes: ["read", scope] })),
        ),
      ]),
    ),
    "a key that differs in a parameter's name only": [
      "ConflictException",
      409,
      "Route with key GET /b/{id} already exists for this API",
      () => aws.api.send(new api.CreateRouteCommand({ ApiId, RouteKey: "GET /b/{name}" })),
    ],
    "a target that is no integration": bad(
      "Unexpected or malformed target in route",
      route(() => ({ Target: FUNCTION_ARN })),
    ),
    "JWT without an authorizer": bad(
      "Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer.",
      route(() => ({ AuthorizationType: "JWT" })),
    ),
    "JWT with a Lambda authorizer": bad(
      "Setting the authorization type to JWT requires a valid JWT authorizer.",
      route(() => ({ AuthorizationType: "JWT", AuthorizerId: lambdaId })),
    ),
    "CUSTOM with a JWT authorizer": bad(
      "Setting the authorization type to CUSTOM requires a valid REQUEST authorizer.",
      route(() => ({ AuthorizationType: "CUSTOM", AuthorizerId: jwtId })),
    ),
    "an authorizer without its type": bad(
      "The authorization type NONE takes no authorizer.",
      route(() => ({ AuthorizerId: jwtId })),
    ),
    "scopes without JWT": bad(
      "Authorization Scopes are only valid for COGNITO_USER_POOLS and JWT authorization type",
      route(() => ({ AuthorizationScopes: ["a"] })),
    ),
    "eleven scopes": bad(
      "Member must have length less than or equal to 10",
      route(() => ({ AuthorizationScopes: Array.from({ length: 11 }, String) })),
    ),
    "an API key": bad(
      "ApiKeyRequired is not currently supported for HTTP APIs.",
      route(() => ({ ApiKeyRequired: true })),
    ),
    "request models": bad(
      "RequestModels is not currently supported for HTTP APIs.",
      route(() => ({ RequestModels: { a: "b" } })),
    ),
  });
});

describe("integrations", () => {
  testRefusals({
    "an HTTP integration": missing("HTTP_PROXY integrations", integration({ IntegrationType: "HTTP_PROXY" })),
    "an HTTP integration with a method of its own": missing(
      "HTTP_PROXY integrations",
      integration({ IntegrationType: "HTTP_PROXY", IntegrationMethod: "GET" }),
    ),
    "a method Lambda does not take": bad(
      "IntegrationMethod must be POST for AWS_PROXY integrations",
      integration({ IntegrationMethod: "GET" }),
    ),
    "a mock integration": bad(
      "may only be associated with proxy integrations",
      integration({ IntegrationType: "MOCK" }),
    ),
    "a private integration": missing("VPC links", integration({ ConnectionType: "VPC_LINK" })),
    "an unknown payload format": bad(
      "Unsupported PayloadFormatVersion: 3.0",
      integration({ PayloadFormatVersion: "3.0" }),
    ),
    "a stage variable in the URI": missing(
      "stage variables in integration URIs",
      integration({ IntegrationUri: `${FUNCTION_ARN}-\u0024{stageVariables.x}` }),
    ),
    "mapped parameters": missing(
      "the input member requestParameters.overwrite:header.a of API Gateway",
      integration({ RequestParameters: { "overwrite:header.a": "b" } }),
    ),
    "a TLS configuration": missing(
      "the input member tlsConfig.serverNameToVerify of API Gateway",
      integration({ TlsConfig: { ServerNameToVerify: "a" } }),
    ),
    "a role to call the function with": missing(
      "the input member credentialsArn of API Gateway",
      integration({ CredentialsArn: "arn:aws:iam::000000000000:role/r" }),
    ),
    "a passthrough of WebSocket APIs": bad(
      "PassthroughBehavior is not currently supported for HTTP APIs.",
      integration({ PassthroughBehavior: "NEVER" }),
    ),
  });
});

describe("stages", () => {
  testRefusals({
    "a name with a blank": bad("Stage name only allows a-zA-Z0-9_", stage({ StageName: "bad stage" })),
    "a level of execution logs": bad(EXECUTION_LOGS, stage({ DefaultRouteSettings: { LoggingLevel: "OFF" } })),
    "data traces of a route": bad(EXECUTION_LOGS, stage({ RouteSettings: { "GET /a": { DataTraceEnabled: true } } })),
    "a client certificate": bad(
      "ClientCertificateId is not currently supported for HTTP APIs.",
      stage({ ClientCertificateId: "abc" }),
    ),
    "access logs without a format": bad(
      "Access Log value missing.",
      stage({ AccessLogSettings: { DestinationArn: LOG_GROUP } }),
    ),
    "access logs without an id": bad(
      "Access Log format must include either $context.requestId or $context.extendedRequestId",
      logging(LOG_GROUP, "$context.requestIds $context.status"),
    ),
    "access logs of two lines": bad("must be a single line", logging(LOG_GROUP, "$context.requestId\n")),
    "an access log format above 1,024 characters": bad(
      "Member must have length less than or equal to 1024",
      logging(LOG_GROUP, `$context.requestId${"x".repeat(1024)}`),
    ),
    "a log group's ARN with a star": bad(
      "Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': '/access:*'",
      logging(`${LOG_GROUP}:*`),
    ),
    "a delivery stream": bad(
      "Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': 'deliverystream/amazon-apigateway-x'",
      logging("arn:aws:firehose:us-east-1:000000000000:deliverystream/amazon-apigateway-x"),
    ),
    "a log group of another Region": bad(
      "Invalid ARN specified in the request",
      logging(LOG_GROUP.replace("us-east-1", "eu-west-1")),
    ),
    "a log group that does not exist": bad("The specified log group does not exist.", logging(`${LOG_GROUP}s`)),
    "a stage variable with a hyphen": bad(
      "Invalid stage variable name: a-b",
      stage({ StageVariables: { "a-b": "c" } }),
    ),
    "a stage variable with a blank": bad("Invalid stage variable value for a", stage({ StageVariables: { a: "b c" } })),
    "101 stage variables": bad(
      "A stage has at most 100 stage variables",
      stage({ StageVariables: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`v${n}`, "x"])) }),
    ),
  });
});
