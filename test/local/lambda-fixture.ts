import * as api from "@aws-sdk/client-apigatewayv2";
import * as lambda from "@aws-sdk/client-lambda";
import { type TestAccount, zipOf } from "./control-plane-support.ts";

/** Tells under which name and version it runs. */
export const WHO = zipOf(`export const handler = async (event, { functionVersion, invokedFunctionArn }) =>
  ({ say: process.env.SAY ?? "", version: process.env.AWS_LAMBDA_FUNCTION_VERSION, functionVersion, invokedFunctionArn });`);

/** Writes the file `started`, then waits for the file `go`: both named in the event, or in the query of a URL. */
export const GATED = zipOf(`import { existsSync, writeFileSync } from "node:fs";
  export const handler = async (event) => {
    const { started, go } = event.rawPath === undefined ? event : event.queryStringParameters ?? {};
    if (started) writeFileSync(started, "");
    while (go && !existsSync(go)) await new Promise(setImmediate);
    return "done";
  };`);

/** Invokes and reads the answer as JSON. */
export async function invoke(aws: TestAccount, FunctionName: string, event: object = {}, Qualifier?: string) {
  const { Payload, ...rest } = await aws.lambda.send(
    new lambda.InvokeCommand({ FunctionName, Payload: JSON.stringify(event), ...(Qualifier && { Qualifier }) }),
  );
  const value: unknown = JSON.parse(Buffer.from(Payload ?? []).toString());
  return { ...rest, value };
}

/** Changes the function's environment so that it says something else. */
export async function say(aws: TestAccount, FunctionName: string, SAY: string) {
  await aws.lambda.send(
    new lambda.UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: { SAY } } }),
  );
}

export async function publish(
  aws: TestAccount,
  FunctionName: string,
  input: Partial<lambda.PublishVersionCommandInput> = {},
) {
  return aws.lambda.send(new lambda.PublishVersionCommand({ FunctionName, ...input }));
}

/** Both statements a public function URL needs [aws 4.12]. */
export async function makePublic(aws: TestAccount, FunctionName: string, Qualifier?: string): Promise<void> {
  const both = { FunctionName, Principal: "*", ...(Qualifier && { Qualifier }) };
  await aws.lambda.send(
    new lambda.AddPermissionCommand({
      ...both,
      StatementId: "url",
      Action: "lambda:InvokeFunctionUrl",
      FunctionUrlAuthType: "NONE",
    }),
  );
  await aws.lambda.send(
    new lambda.AddPermissionCommand({
      ...both,
      StatementId: "url-invoke",
      Action: "lambda:InvokeFunction",
      InvokedViaFunctionUrl: true,
    }),
  );
}

/** An API with one route for everything; its URL. */
export async function apiFor(aws: TestAccount, functionArn: string): Promise<string> {
  const { ApiId } = await aws.api.send(new api.CreateApiCommand({ Name: "a", ProtocolType: "HTTP" }));
  const { IntegrationId } = await aws.api.send(
    new api.CreateIntegrationCommand({
      ApiId,
      IntegrationType: "AWS_PROXY",
      IntegrationUri: functionArn,
      PayloadFormatVersion: "2.0",
    }),
  );
  const Target = `integrations/${IntegrationId}`;
  await aws.api.send(new api.CreateRouteCommand({ ApiId, RouteKey: "$default", Target }));
  await aws.api.send(new api.CreateStageCommand({ ApiId, StageName: "$default", AutoDeploy: true }));
  return `${aws.url}/execute-api/${ApiId}`;
}
