import { ECHO } from "./control-plane-support.ts";

const LAMBDA = "/2015-03-31/functions";
const ZIP = Buffer.from(ECHO).toString("base64");
const policy = { StatementId: "s", Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com" };
const role = "arn:aws:iam::000000000000:role/fuzz";
const fn = {
  Runtime: "nodejs20.x",
  Handler: "index.handler",
  Role: role,
  Timeout: 3,
  MemorySize: 128,
  Description: "",
};
const more = { Environment: { Variables: { AB: "c" } }, Tags: { a: "b" }, Architectures: ["arm64"], Publish: false };
/**
 * Requests the local AWS takes, or would if what they name existed: the service, the method (of Logs: the operation),
 * the path with ID for an API's id, and the body.
 */
export const SOUND: readonly (readonly [service: string, method: string, path: string, body: object])[] = [
  ["lambda", "POST", LAMBDA, { FunctionName: "f", Code: { ZipFile: ZIP }, ...fn, ...more }],
  ["lambda", "PUT", `${LAMBDA}/f/configuration`, { ...fn, Environment: { Variables: {} }, RevisionId: "r" }],
  ["lambda", "PUT", `${LAMBDA}/f/code`, { ZipFile: ZIP, DryRun: true, RevisionId: "r" }],
  ["lambda", "POST", `${LAMBDA}/f/policy`, { ...policy, SourceArn: "arn:aws:execute-api:eu-west-1:000000000000:a/*" }],
  ["lambda", "POST", `${LAMBDA}/f/invocations`, { prompt: "hello" }],
  [
    "lambda",
    "POST",
    `/2017-03-31/tags/${encodeURIComponent("arn:aws:lambda:eu-west-1:000000000000:function:f")}`,
    more,
  ],
  ["lambda", "DELETE", `${LAMBDA}/f/policy/s`, {}],
  ["lambda", "POST", `${LAMBDA}/f/versions`, { CodeSha256: "", Description: "d", RevisionId: "r" }],
  ["lambda", "POST", `${LAMBDA}/f/aliases`, { Name: "a", FunctionVersion: "1", RoutingConfig: { x: { 1: 0.5 } } }],
  ["lambda", "PUT", "/2017-10-31/functions/f/concurrency", { ReservedConcurrentExecutions: 1 }],
  ["lambda", "POST", "/2021-10-31/functions/f/url", { AuthType: "NONE", Cors: { AllowOrigins: ["*"], MaxAge: 1 } }],
  ["lambda", "GET", `${LAMBDA}/`, {}],
  ["apigateway", "POST", "/v2/apis", { name: "a", protocolType: "HTTP", description: "", tags: { a: "b" } }],
  ["apigateway", "GET", "/v2/apis", {}],
  ["apigateway", "PATCH", "/v2/apis/ID", { corsConfiguration: { allowOrigins: ["https://*"], maxAge: 5 } }],
  [
    "apigateway",
    "PATCH",
    "/v2/apis/ID/stages/s",
    { accessLogSettings: { destinationArn: role, format: "$context.requestId" }, stageVariables: { a: "" } },
  ],
  ["apigateway", "PATCH", "/v2/apis/ID", { name: "a", description: "", version: "1" }],
  [
    "apigateway",
    "POST",
    "/v2/apis/ID/integrations",
    { integrationType: "AWS_PROXY", integrationUri: `${role}`, payloadFormatVersion: "2.0", timeoutInMillis: 50 },
  ],
  [
    "apigateway",
    "POST",
    "/v2/apis/ID/routes",
    { routeKey: "GET /", authorizationType: "NONE", target: "integrations/x" },
  ],
  [
    "apigateway",
    "POST",
    "/v2/apis/ID/stages",
    { stageName: "s", autoDeploy: true, stageVariables: { a: "b" }, defaultRouteSettings: { throttlingRateLimit: 1 } },
  ],
  ["apigateway", "PATCH", "/v2/apis/ID/stages/s", { routeSettings: { "GET /": { throttlingBurstLimit: 1 } } }],
  ["apigateway", "POST", "/v2/apis/ID/deployments", { description: "d", stageName: "s" }],
  [
    "apigateway",
    "POST",
    "/v2/apis/ID/authorizers",
    {
      name: "z",
      authorizerType: "REQUEST",
      identitySource: ["$request.header.A"],
      authorizerUri: role,
      authorizerPayloadFormatVersion: "2.0",
      authorizerResultTtlInSeconds: 300,
    },
  ],
  ["apigateway", "GET", `/v2/tags/${encodeURIComponent("arn:aws:apigateway:eu-west-1::/apis/ID")}`, {}],
  ["logs", "CreateLogGroup", "/", { logGroupName: "g", tags: { a: "b" } }],
  ["logs", "PutRetentionPolicy", "/", { logGroupName: "g", retentionInDays: 7 }],
  ["logs", "DescribeLogGroups", "/", { logGroupNamePrefix: "g", limit: 5, nextToken: "x" }],
  ["logs", "CreateLogStream", "/", { logGroupName: "g", logStreamName: "s" }],
  ["logs", "DescribeLogStreams", "/", { logGroupName: "g", orderBy: "LogStreamName", descending: true, limit: 5 }],
  ["logs", "PutLogEvents", "/", { logGroupName: "g", logStreamName: "s", logEvents: [{ timestamp: 1, message: "m" }] }],
  ["logs", "GetLogEvents", "/", { logGroupName: "g", logStreamName: "s", startFromHead: true, limit: 5 }],
  [
    "logs",
    "FilterLogEvents",
    "/",
    { logGroupName: "g", startTime: 0, endTime: 9, filterPattern: '"a b" -x { $.c = 1 }', limit: 5 },
  ],
];
