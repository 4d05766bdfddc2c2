import { logs, type Row, type Rows, rest, rowsOf } from "./row.ts";

const BAD = "400 BadRequestException";
const MISSING = "404 NotFoundException";
const CONFLICT = "409 ConflictException";

const create =
  (body: object): Row["ask"] =>
  () =>
    rest("apigateway", "POST", "/v2/apis", body);
const inApi =
  (method: string, path: string, body?: object): Row["ask"] =>
  ({ apiId }) =>
    rest("apigateway", method, `/v2/apis/${apiId}${path}`, body);
const integration =
  (members: object): Row["ask"] =>
  (world) =>
    inApi("POST", "/integrations", {
      integrationType: "AWS_PROXY",
      integrationUri: world.functionArn,
      payloadFormatVersion: "2.0",
      ...members,
    })(world);

const API: Rows = [
  ["an API of a name that another has", "accepted", "1", create({ name: "diff", protocolType: "HTTP" })],
  ["an API without name", BAD, "5.1", create({ protocolType: "HTTP" })],
  ["an API without protocol", BAD, "5.1", create({ name: "new" })],
  ["an API with an unknown protocol", BAD, "5.1", create({ name: "new", protocolType: "FTP" })],
  ["an API's name of 129 characters", BAD, "5.1", create({ name: "a".repeat(129), protocolType: "HTTP" })],
  ["an API that is not there", MISSING, "5.2", () => rest("apigateway", "GET", "/v2/apis/zzzzzzzzzz")],
  [
    "updating what is not there",
    MISSING,
    "5.2",
    () => rest("apigateway", "PATCH", "/v2/apis/zzzzzzzzzz", { name: "x" }),
  ],
  ["deleting what is not there", MISSING, "5.2", () => rest("apigateway", "DELETE", "/v2/apis/zzzzzzzzzz")],
  ["an integration of more than 30 s", BAD, "5.4", integration({ timeoutInMillis: 30_001 })],
  ["an integration of less than 50 ms", BAD, "5.4", integration({ timeoutInMillis: 49 })],
  ["an integration of an unknown type", BAD, "5.1", integration({ integrationType: "MAGIC" })],
  ["an integration with nowhere", BAD, "5.2", integration({ integrationUri: "nowhere" })],
  ["an integration without type", BAD, "5.1", integration({ integrationType: undefined })],
  [
    "an integration in what is not there",
    MISSING,
    "5.2",
    (world) => ({ ...integration({})(world), path: "/v2/apis/zzzzzzzzzz/integrations" }),
  ],
  [
    "deleting an integration that a route uses",
    CONFLICT,
    "5.2",
    (world) => inApi("DELETE", `/integrations/${world.integrationId}`)(world),
  ],
  ["deleting an integration that is not there", MISSING, "5.2", inApi("DELETE", "/integrations/zzzzzzz")],
  ["a route key that is taken", CONFLICT, "5.2", inApi("POST", "/routes", { routeKey: "GET /a" })],
  ["a route key with an unknown method", BAD, "5.1", inApi("POST", "/routes", { routeKey: "PSOT /b" })],
  ["a route key without slash", BAD, "5.1", inApi("POST", "/routes", { routeKey: "GET b" })],
  ["a route without key", BAD, "5.1", inApi("POST", "/routes", {})],
  [
    "a route with an unknown authorization",
    BAD,
    "5.1",
    inApi("POST", "/routes", { routeKey: "GET /c", authorizationType: "MAGIC" }),
  ],
  ["the default route", "accepted", "5.1", inApi("POST", "/routes", { routeKey: "$default" })],
  ["a route that is not there", MISSING, "5.2", inApi("GET", "/routes/zzzzzzz")],
  [
    "renaming a route to one that is taken",
    CONFLICT,
    "5.2",
    (world) => inApi("PATCH", `/routes/${world.routeId}`, { routeKey: "GET /b" })(world),
  ],
  ["a stage's name that is taken", CONFLICT, "5.2", inApi("POST", "/stages", { stageName: "auto" })],
  ["a stage's name with a slash", BAD, "5.1", inApi("POST", "/stages", { stageName: "a/b" })],
  ["a stage without name", BAD, "5.1", inApi("POST", "/stages", { autoDeploy: true })],
  ["a stage that is not there", MISSING, "5.2", inApi("GET", "/stages/none")],
  ["deleting a stage that is not there", MISSING, "5.2", inApi("DELETE", "/stages/none")],
  [
    "a deployment in what is not there",
    MISSING,
    "5.2",
    () => rest("apigateway", "POST", "/v2/apis/zzzzzzzzzz/deployments", {}),
  ],
  ["a deployment that is not there", MISSING, "5.2", inApi("GET", "/deployments/zzzzzz")],
  [
    "deleting a deployment that a stage uses",
    BAD,
    "5.2",
    (world) => inApi("DELETE", `/deployments/${world.deploymentId}`)(world),
  ],
  [
    "tagging what is not there",
    MISSING,
    "5.2",
    () =>
      rest("apigateway", "POST", `/v2/tags/${encodeURIComponent("arn:aws:apigateway:eu-west-1::/apis/zzzzzzzzzz")}`, {
        tags: { a: "b" },
      }),
  ],
];

const GONE = "400 ResourceNotFoundException";
const PARAMETER = "400 InvalidParameterException";
const log = (operation: string, body: object | string) => () => logs(operation, body);

const LOGS: Rows = [
  [
    "a group's name that is taken",
    "400 ResourceAlreadyExistsException",
    "10",
    log("CreateLogGroup", { logGroupName: "diff" }),
  ],
  ["a group's name with a space", PARAMETER, "10", log("CreateLogGroup", { logGroupName: "a b" })],
  ["a group without name", PARAMETER, "10", log("CreateLogGroup", {})],
  ["a body that is no JSON", "400 SerializationException", "1.1", log("CreateLogGroup", "{")],
  ["keeping logs 10 days", PARAMETER, "10", log("PutRetentionPolicy", { logGroupName: "diff", retentionInDays: 10 })],
  ["keeping logs 14 days", "accepted", "10", log("PutRetentionPolicy", { logGroupName: "diff", retentionInDays: 14 })],
  ["keeping what is not there", GONE, "10", log("PutRetentionPolicy", { logGroupName: "none", retentionInDays: 14 })],
  ["keeping what is not there for ever", GONE, "10", log("DeleteRetentionPolicy", { logGroupName: "none" })],
  ["deleting what is not there", GONE, "10", log("DeleteLogGroup", { logGroupName: "none" })],
  ["pages of 51 groups", PARAMETER, "10", log("DescribeLogGroups", { limit: 51 })],
  [
    "a prefix and a pattern",
    PARAMETER,
    "9",
    log("DescribeLogGroups", { logGroupNamePrefix: "a", logGroupNamePattern: "b" }),
  ],
  ["groups of a prefix", "accepted", "9", log("DescribeLogGroups", { logGroupNamePrefix: "di" })],
  ["events of what is not there", GONE, "10", log("FilterLogEvents", { logGroupName: "none" })],
  ["pages of 10,001 events", PARAMETER, "10", log("FilterLogEvents", { logGroupName: "diff", limit: 10_001 })],
];

export const API_ROWS = [...rowsOf("apigateway", API), ...rowsOf("logs", LOGS)];
