// What the command line is asked to do, and from which account on.
import { CreateApiCommand } from "@aws-sdk/client-apigatewayv2";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { AttachRolePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import { clients } from "../support/account.ts";
import type { TestAws } from "../support/local-aws.ts";
import { CHANGED_SECRET, ENVIRONMENT_SECRET, FOREIGN_SECRET, MODEL_SECRET } from "./secrets.ts";

type Config = Readonly<Record<string, unknown>>;

export interface Flow {
  readonly name: string;
  /** What is deployed before the flow begins; left out: nothing. */
  readonly before?: Config;
  /** What somebody else has made before. */
  foreign?(aws: TestAws): Promise<unknown>;
  /** llm-gw.json during the flow. */
  readonly config: Config;
  readonly command: "deploy" | "destroy";
  readonly flags?: readonly string[];
  /** The code of the error a run without faults ends with; left out: it ends well. */
  readonly refusal?: string;
  /** Not "nothing": what is foreign and was not taken over survives the destroy at the end. */
  readonly leavesForeign?: boolean;
}

const MODELS = { default: `openai:https://${MODEL_SECRET}.invalid/v1#small` };
const FUNCTION = { environment: { MATRIX_SECRET: ENVIRONMENT_SECRET }, logRetentionDays: 14 };
const BASE = {
  region: "eu-west-1",
  function: FUNCTION,
  routes: ["POST /inference"],
  models: MODELS,
  tags: { team: "a", old: "x" },
};
const TWO_ROUTES = { ...BASE, routes: ["POST /inference", "POST /ask"] };

export const FLOWS: readonly Flow[] = [
  { name: "first deploy", config: BASE, command: "deploy" },
  {
    name: "code change",
    before: BASE,
    config: { ...BASE, models: { ...MODELS, large: `openai:https://${MODEL_SECRET}.invalid/v1#large` } },
    command: "deploy",
  },
  {
    name: "configuration change",
    before: BASE,
    config: {
      ...BASE,
      function: { environment: { MATRIX_SECRET: CHANGED_SECRET }, memory: 1024, timeout: 20, logRetentionDays: 0 },
      // New code, and another policy of the role.
      models: { ...MODELS, nova: "bedrock:eu.amazon.nova-micro-v1:0" },
      throttle: { rate: 5, burst: 7 },
      tags: { team: "b", new: "y" },
    },
    command: "deploy",
  },
  { name: "route added", before: BASE, config: TWO_ROUTES, command: "deploy" },
  { name: "route removed", before: TWO_ROUTES, config: BASE, command: "deploy" },
  { name: "access logs switched on", before: BASE, config: { ...BASE, accessLogs: true }, command: "deploy" },
  { name: "access logs switched off", before: { ...BASE, accessLogs: true }, config: BASE, command: "deploy" },
  { name: "auth changed", before: { ...BASE, auth: "none" }, config: BASE, command: "deploy" },
  {
    name: "role's name taken, refused",
    foreign: (aws) => foreignRole(aws),
    config: BASE,
    command: "deploy",
    refusal: "NotOwned",
    leavesForeign: true,
  },
  { name: "role taken over", foreign: (aws) => foreignRole(aws), config: BASE, command: "deploy", flags: ["--adopt"] },
  { name: "all names taken over", foreign: foreignGateway, config: BASE, command: "deploy", flags: ["--adopt"] },
  { name: "destroy", before: TWO_ROUTES, config: TWO_ROUTES, command: "destroy", flags: ["--yes"] },
];

/** A role of our name with another purpose and other rights. */
async function foreignRole(aws: TestAws, service = "ec2.amazonaws.com"): Promise<string> {
  const { iam } = clients(aws);
  const RoleName = "llm-gw-prod-eu-west-1";
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } };
  const AssumeRolePolicyDocument = policy(trust);
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Description: "theirs" }));
  const PolicyArn = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  const PolicyDocument = policy({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "theirs", PolicyDocument }));
  return Role?.Arn ?? "";
}

function policy(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

/** Something else of every name a gateway has. */
async function foreignGateway(aws: TestAws): Promise<void> {
  const Role = await foreignRole(aws, "lambda.amazonaws.com");
  const { lambda, apigateway, logs } = clients(aws);
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: "llm-gw-prod",
      Role,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zipSync({ "index.js": Buffer.from("exports.handler = async () => 1;") }) },
      Environment: { Variables: { THEIRS: FOREIGN_SECRET } },
      Tags: { theirs: "yes" },
    }),
  );
  await apigateway.send(
    new CreateApiCommand({
      Name: "llm-gw-prod",
      ProtocolType: "HTTP",
      CorsConfiguration: { AllowOrigins: ["https://example.com"] },
      DisableExecuteApiEndpoint: true,
      Tags: { theirs: "yes" },
    }),
  );
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/lambda/llm-gw-prod", tags: { theirs: "yes" } }));
}
