import { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, type CreateFunctionCommandInput, LambdaClient } from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import { strToU8, zipSync } from "fflate";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/local/credentials.ts";
import { type LocalAwsOptions, startLocalAws } from "../../src/local/server.ts";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

export const LAMBDA_TRUST = trust("lambda.amazonaws.com");
export const BASIC_EXECUTION = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/** A local AWS of its own, with a client for each service. */
export async function startAccount({
  region = "us-east-1",
  ...options
}: Omit<LocalAwsOptions, "port"> & { region?: string } = {}) {
  const aws = await startLocalAws({ port: 0, ...options });
  const config = {
    region,
    endpoint: aws.url,
    credentials: { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY },
    maxAttempts: 1,
  };
  const clients = {
    sts: new STSClient(config),
    iam: new IAMClient(config),
    lambda: new LambdaClient(config),
    api: new ApiGatewayV2Client(config),
    logs: new CloudWatchLogsClient(config),
  };
  return {
    ...clients,
    url: aws.url,
    async admin(method: string, path: string, body?: unknown) {
      const response = await fetch(`${aws.url}/_llm-gw/${path}`, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const answer: unknown = await response.json();
      return { status: response.status, answer };
    },
    async close() {
      for (const client of Object.values(clients)) client.destroy();
      await aws.close();
    },
  };
}

export type TestAccount = Awaited<ReturnType<typeof startAccount>>;

/** A zip with one Node module that exports `handler`. */
export function zipOf(source: string): Uint8Array {
  return zipSync({ "index.mjs": strToU8(source) });
}

export const ECHO = zipOf('export const handler = async (event) => { console.log("got", event.say); return event; };');

/** A role, by default one Lambda may assume; its ARN. */
export async function createRole(
  account: TestAccount,
  RoleName = "fn-role",
  AssumeRolePolicyDocument = LAMBDA_TRUST,
): Promise<string> {
  const { Role } = await account.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Path: "/" }));
  return Role?.Arn ?? "";
}

async function createLoggingRole(account: TestAccount, RoleName: string): Promise<string> {
  const arn = await createRole(account, RoleName);
  await account.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: BASIC_EXECUTION }));
  return arn;
}

/** A small Node function with a role of its own, which may write logs. */
export async function createFunction(
  account: TestAccount,
  name: string,
  input: Partial<CreateFunctionCommandInput> = {},
) {
  const Role = input.Role ?? (await createLoggingRole(account, `${name}-role`));
  return account.lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: "nodejs20.x",
      Handler: "index.handler",
      Code: { ZipFile: ECHO },
      ...input,
      Role,
    }),
  );
}

export function trust(service: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
}

/** The error a call is refused with; status 0 when there was no answer at all. */
export async function refusal(call: Promise<unknown>): Promise<{ name: string; status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) {
      const metadata: unknown = Reflect.get(error, "$metadata");
      const status =
        typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "httpStatusCode") : undefined;
      return { name: error.name, status: Number(status ?? 0), message: error.message };
    }
  }
  throw new Error("The call was not refused.");
}

/** The name, status and part of the message a call is refused with, and the call. */
export type Refusal = readonly [name: string, status: number, message: string, call: () => Promise<unknown>];
