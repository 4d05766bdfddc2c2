import { freshName, type Row, type Rows, rest, rowsOf, ZIP } from "./row.ts";

const FUNCTIONS = "/2015-03-31/functions";
const INVALID = "400 InvalidParameterValueException";
const VALIDATION = "400 ValidationException";
const MISSING = "404 ResourceNotFoundException";
const EXISTS = "409 ResourceConflictException";

const create =
  (members: object): Row["ask"] =>
  ({ roleArn }) =>
    rest("lambda", "POST", FUNCTIONS, {
      FunctionName: freshName(),
      Role: roleArn,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: ZIP },
      ...members,
    });
const on =
  (method: string, path: string, body?: object | string): Row["ask"] =>
  () =>
    rest("lambda", method, `${FUNCTIONS}/${path}`, body);
const permission = (members: object, query = "") =>
  on("POST", `diff/policy${query}`, {
    StatementId: freshName(),
    Action: "lambda:InvokeFunction",
    Principal: "apigateway.amazonaws.com",
    ...members,
  });
const environment = (Variables: Record<string, string>) => ({ Environment: { Variables } });

const LAMBDA: Rows = [
  ["a function name that is taken", EXISTS, "4.3", create({ FunctionName: "diff" })],
  ["a function name of 65 characters", VALIDATION, "4.2", create({ FunctionName: "f".repeat(65) })],
  ["a function name with a space", VALIDATION, "4.2", create({ FunctionName: "a b" })],
  [
    "a role that is not there",
    INVALID,
    "4.3",
    (world) => create({ Role: `arn:aws:iam::${world.account}:role/none` })(world),
  ],
  ["a role that Lambda may not assume", INVALID, "4.3", (world) => create({ Role: world.foreignRoleArn })(world)],
  ["a role that is no ARN", VALIDATION, "4.2", create({ Role: "diff" })],
  ["no role", VALIDATION, "4.1", create({ Role: undefined })],
  ["no code", VALIDATION, "4.1", create({ Code: undefined })],
  ["no runtime", INVALID, "4.1", create({ Runtime: undefined })],
  ["a runtime that is no more", INVALID, "4.3", create({ Runtime: "python3.7" })],
  ["a handler with a space", VALIDATION, "4.2", create({ Handler: "index handler" })],
  ["a timeout of 0", VALIDATION, "4.2", create({ Timeout: 0 })],
  ["memory of 127 MB", VALIDATION, "4.2", create({ MemorySize: 127 })],
  ["a description of 257 characters", VALIDATION, "4.2", create({ Description: "d".repeat(257) })],
  ["/tmp of 511 MB", VALIDATION, "4.2", create({ EphemeralStorage: { Size: 511 } })],
  ["two architectures", VALIDATION, "4.2", create({ Architectures: ["arm64", "x86_64"] })],
  ["a zip that is none", INVALID, "4.3", create({ Code: { ZipFile: Buffer.from("no zip").toString("base64") } })],
  ["an environment above 4 KB", INVALID, "4.3", create(environment({ BIG: "x".repeat(4100) }))],
  ["a variable of Lambda's own", INVALID, "4.2", create(environment({ AWS_REGION: "x" }))],
  ["a variable that begins with a digit", VALIDATION, "4.2", create(environment({ "1A": "x" }))],
  ["a tag of AWS's own", INVALID, "1", create({ Tags: { "aws:x": "y" } })],
  ["a body that is no JSON", "400 SerializationException", "1.1", () => rest("lambda", "POST", FUNCTIONS, "{")],
  ["a function that is not there", MISSING, "4.3", on("GET", "none")],
  [
    "a function by its ARN",
    "accepted",
    "4",
    ({ functionArn }) => rest("lambda", "GET", `${FUNCTIONS}/${encodeURIComponent(functionArn)}`),
  ],
  [
    "a function of another region",
    MISSING,
    "4.3",
    ({ functionArn }) =>
      rest("lambda", "GET", `${FUNCTIONS}/${encodeURIComponent(functionArn.replace("eu-west-1", "us-west-2"))}`),
  ],
  ["pages of no functions", VALIDATION, "4.1", () => rest("lambda", "GET", `${FUNCTIONS}?MaxItems=0`)],
  ["configuring what is not there", MISSING, "4.3", on("PUT", "none/configuration", { Timeout: 5 })],
  [
    "configuring with an old revision",
    "412 PreconditionFailedException",
    "4.3",
    on("PUT", "diff/configuration", { Timeout: 5, RevisionId: "00000000-0000-0000-0000-000000000000" }),
  ],
  ["configuring a timeout of 0", VALIDATION, "4.2", on("PUT", "diff/configuration", { Timeout: 0 })],
  ["code for what is not there", MISSING, "4.3", on("PUT", "none/code", { ZipFile: ZIP })],
  [
    "code that is no zip",
    INVALID,
    "4.3",
    on("PUT", "diff/code", { ZipFile: Buffer.from("no zip").toString("base64") }),
  ],
  ["a statement id that is taken", EXISTS, "4.3", permission({ StatementId: "sid" })],
  ["a statement id with a dot", VALIDATION, "4.2", permission({ StatementId: "a.b" })],
  ["a permission for another service's action", VALIDATION, "4.2", permission({ Action: "s3:GetObject" })],
  ["a permission without principal", VALIDATION, "4.1", permission({ Principal: undefined })],
  ["a permission on $LATEST", INVALID, "4.7", permission({}, "?Qualifier=%24LATEST")],
  [
    "a permission on what is not there",
    MISSING,
    "4.3",
    on("POST", "none/policy", { StatementId: "a", Action: "lambda:InvokeFunction", Principal: "s3.amazonaws.com" }),
  ],
  ["a policy that is not there", MISSING, "4.3", on("GET", "bare/policy")],
  ["removing a statement that is not there", MISSING, "4.3", on("DELETE", "diff/policy/none")],
  ["deleting what is not there", MISSING, "4.3", on("DELETE", "none")],
  [
    "no tags",
    INVALID,
    "4.1",
    ({ functionArn }) => rest("lambda", "POST", `/2017-03-31/tags/${encodeURIComponent(functionArn)}`, { Tags: {} }),
  ],
  ["invoking what is not there", MISSING, "4.3", on("POST", "none/invocations", {})],
  ["invoking with what is no JSON", "400 InvalidRequestContentException", "4.1", on("POST", "diff/invocations", "{")],
];

export const LAMBDA_ROWS = rowsOf("lambda", LAMBDA);
