// The least that `status` can take: its 13 calls through the same clients of the AWS SDK, and nothing else.
import * as api from "@aws-sdk/client-apigatewayv2";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as sts from "@aws-sdk/client-sts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_ACCOUNT_ID, LOCAL_SECRET_ACCESS_KEY } from "../src/local/credentials.ts";

const [, , endpoint, ApiId] = process.argv;
const region = "us-east-1";
const FunctionName = "llm-gw-prod";
const RoleName = `${FunctionName}-${region}`;
const group = `/aws/lambda/${FunctionName}`;
const credentials = { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY };
const options = { region, endpoint, credentials };

const clients = {
  api: new api.ApiGatewayV2Client(options),
  logs: new logs.CloudWatchLogsClient(options),
  iam: new iam.IAMClient(options),
  lambda: new lambda.LambdaClient(options),
  sts: new sts.STSClient(options),
};
await Promise.all([
  clients.sts.send(new sts.GetCallerIdentityCommand({})),
  clients.iam.send(new iam.GetRoleCommand({ RoleName })),
  clients.iam.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName: "llm-gw" })),
  clients.iam.send(new iam.ListAttachedRolePoliciesCommand({ RoleName })),
  clients.logs.send(new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: group })),
  clients.logs.send(
    new logs.ListTagsForResourceCommand({
      resourceArn: `arn:aws:logs:${region}:${LOCAL_ACCOUNT_ID}:log-group:${group}`,
    }),
  ),
  clients.lambda.send(new lambda.GetFunctionCommand({ FunctionName })),
  clients.lambda.send(new lambda.GetPolicyCommand({ FunctionName })),
  clients.api.send(new api.GetApiCommand({ ApiId })),
  clients.api.send(new api.GetIntegrationsCommand({ ApiId })),
  clients.api.send(new api.GetRoutesCommand({ ApiId })),
  clients.api.send(new api.GetDeploymentsCommand({ ApiId })),
  clients.api.send(new api.GetStageCommand({ ApiId, StageName: "prod" })),
]);
