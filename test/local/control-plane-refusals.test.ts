import * as api from "@aws-sdk/client-apigatewayv2";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as iam from "@aws-sdk/client-iam";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  BASIC_EXECUTION,
  LAMBDA_TRUST,
  type Refusal,
  refusal,
  startAccount,
  type TestAccount,
  trust,
} from "./control-plane-support.ts";

/** One account for all: what is refused changes nothing. */
let aws: TestAccount;
let ApiId: string;
let IntegrationId: string;
let RouteId: string;
let DeploymentId: string;

beforeAll(async () => {
  aws = await startAccount();
  await aws.iam.send(
    new iam.CreateRoleCommand({ RoleName: "taken", AssumeRolePolicyDocument: trust("ec2.amazonaws.com") }),
  );
  await aws.iam.send(new iam.AttachRolePolicyCommand({ RoleName: "taken", PolicyArn: BASIC_EXECUTION }));
  await aws.iam.send(new iam.CreateRoleCommand({ RoleName: "inline", AssumeRolePolicyDocument: LAMBDA_TRUST }));
  await aws.iam.send(
    new iam.PutRolePolicyCommand({ RoleName: "inline", PolicyName: "p", PolicyDocument: IDENTITY_POLICY }),
  );
  ApiId = (await aws.api.send(new api.CreateApiCommand({ Name: "a", ProtocolType: "HTTP" }))).ApiId ?? "";
  IntegrationId = (await aws.api.send(integration({}))).IntegrationId ?? "";
  RouteId =
    (
      await aws.api.send(
        new api.CreateRouteCommand({ ApiId, RouteKey: "GET /a", Target: `integrations/${IntegrationId}` }),
      )
    ).RouteId ?? "";
  DeploymentId = (await aws.api.send(new api.CreateDeploymentCommand({ ApiId }))).DeploymentId ?? "";
  await aws.api.send(new api.CreateStageCommand({ ApiId, StageName: "prod", DeploymentId }));
  await aws.api.send(new api.CreateStageCommand({ ApiId, StageName: "auto", AutoDeploy: true }));
  await aws.logs.send(new logs.CreateLogGroupCommand({ logGroupName: "g" }));
});
afterAll(async () => {
  await aws.close();
});

const IDENTITY_POLICY = JSON.stringify({ Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] });

function integration(input: Partial<api.CreateIntegrationCommandInput>) {
  return new api.CreateIntegrationCommand({
    ApiId,
    IntegrationType: "AWS_PROXY",
    IntegrationUri: "arn:aws:lambda:us-east-1:000000000000:function:f",
    PayloadFormatVersion: "2.0",
    ...input,
  });
}

const IAM: Record<string, Refusal> = {
  "a role name that differs in case only": [
    "EntityAlreadyExistsException",
    409,
    "Role with name TAKEN already exists.",
    () => aws.iam.send(new iam.CreateRoleCommand({ RoleName: "TAKEN", AssumeRolePolicyDocument: LAMBDA_TRUST })),
  ],
  "a trust policy that is not JSON": [
    "MalformedPolicyDocumentException",
    400,
    "This policy contains invalid Json",
    () => aws.iam.send(new iam.CreateRoleCommand({ RoleName: "x", AssumeRolePolicyDocument: "{" })),
  ],
  "a trust policy above 2,048 characters": [
    "LimitExceededException",
    409,
    "Cannot exceed quota for ACLSizePerRole: 2048",
    () =>
      aws.iam.send(
        new iam.UpdateAssumeRolePolicyCommand({
          RoleName: "taken",
          PolicyDocument: trust("lambda.amazonaws.com".repeat(110)),
        }),
      ),
  ],
  "an invalid role name": [
    "ValidationError",
    400,
    "Value 'a b' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
    () => aws.iam.send(new iam.GetRoleCommand({ RoleName: "a b" })),
  ],
  "a policy that does not exist": [
    "NoSuchEntityException",
    404,
    "Policy arn:aws:iam::000000000000:policy/NoSuchPolicy does not exist or is not attachable.",
    () =>
      aws.iam.send(
        new iam.AttachRolePolicyCommand({
          RoleName: "taken",
          PolicyArn: "arn:aws:iam::000000000000:policy/NoSuchPolicy",
        }),
      ),
  ],
  "deleting a role with an attached policy": [
    "DeleteConflictException",
    409,
    "Cannot delete entity, must detach all policies first.",
    () => aws.iam.send(new iam.DeleteRoleCommand({ RoleName: "taken" })),
  ],
  "deleting a role with an inline policy": [
    "DeleteConflictException",
    409,
    "Cannot delete entity, must delete policies first.",
    () => aws.iam.send(new iam.DeleteRoleCommand({ RoleName: "inline" })),
  ],
  "a reserved tag": [
    "InvalidInputException",
    400,
    "Tag keys starting with 'aws:' are reserved for system use.",
    () => aws.iam.send(new iam.TagRoleCommand({ RoleName: "taken", Tags: [{ Key: "aws:x", Value: "y" }] })),
  ],
};

const API: Record<string, Refusal> = {
  "a route key that exists": [
    "ConflictException",
    409,
    "Route with key GET /a already exists for this API",
    () => aws.api.send(new api.CreateRouteCommand({ ApiId, RouteKey: "GET /a" })),
  ],
  "a route key without a path": [
    "BadRequestException",
    400,
    "The provided route key is not formatted properly for HTTP protocol.",
    () => aws.api.send(new api.CreateRouteCommand({ ApiId, RouteKey: "FETCH" })),
  ],
  "a route to no integration": [
    "BadRequestException",
    400,
    "Invalid target specified: integrations/nope",
    () => aws.api.send(new api.UpdateRouteCommand({ ApiId, RouteId, Target: "integrations/nope" })),
  ],
  "deleting an integration a route uses": [
    "ConflictException",
    409,
    "Cannot delete Integration because it is referenced by the following Routes with Ids: [",
    () => aws.api.send(new api.DeleteIntegrationCommand({ ApiId, IntegrationId })),
  ],
  "an integration with no function": [
    "BadRequestException",
    400,
    "Invalid integration URI specified",
    () => aws.api.send(integration({ IntegrationUri: "arn:aws:sqs:us-east-1:000000000000:q" })),
  ],
  "an integration slower than 30 s": [
    "BadRequestException",
    400,
    "Member must have value less than or equal to 30000",
    () => aws.api.send(integration({ TimeoutInMillis: 30_001 })),
  ],
  "a stage that exists": [
    "ConflictException",
    409,
    "Stage already exists",
    () => aws.api.send(new api.CreateStageCommand({ ApiId, StageName: "prod" })),
  ],
  "a stage that does not exist": [
    "NotFoundException",
    404,
    "Invalid stage identifier specified",
    () => aws.api.send(new api.GetStageCommand({ ApiId, StageName: "nope" })),
  ],
  "a deployment for a stage that deploys by itself": [
    "BadRequestException",
    400,
    "Deployment ID cannot be set on stage auto because AutoDeploy is enabled",
    () => aws.api.send(new api.UpdateStageCommand({ ApiId, StageName: "auto", DeploymentId })),
  ],
  "settings for a route that does not exist": [
    "NotFoundException",
    404,
    "Unable to find Route by key GET /b within the provided RouteSettings",
    () => aws.api.send(new api.UpdateStageCommand({ ApiId, StageName: "prod", RouteSettings: { "GET /b": {} } })),
  ],
  "deleting a deployment a stage serves": [
    "BadRequestException",
    400,
    "Active stages pointing to this deployment must be moved or deleted",
    () => aws.api.send(new api.DeleteDeploymentCommand({ ApiId, DeploymentId })),
  ],
  "a page token of someone else": [
    "BadRequestException",
    400,
    "Invalid nextToken specified",
    () => aws.api.send(new api.GetApisCommand({ NextToken: "abc" })),
  ],
};

const LOGS: Record<string, Refusal> = {
  "a log group that exists": [
    "ResourceAlreadyExistsException",
    400,
    "The specified log group already exists",
    () => aws.logs.send(new logs.CreateLogGroupCommand({ logGroupName: "g" })),
  ],
  "a log group that does not exist": [
    "ResourceNotFoundException",
    400,
    "The specified log group does not exist.",
    () => aws.logs.send(new logs.FilterLogEventsCommand({ logGroupName: "nope" })),
  ],
  "a retention of two days": [
    "InvalidParameterException",
    400,
    "Value '2' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [1, 3, 5",
    () => aws.logs.send(new logs.PutRetentionPolicyCommand({ logGroupName: "g", retentionInDays: 2 })),
  ],
  "an operation the local AWS does not have": [
    "NotImplemented",
    501,
    "The local AWS does not implement the operation DescribeMetricFilters of logs.",
    () => aws.logs.send(new logs.DescribeMetricFiltersCommand({ logGroupName: "g" })),
  ],
};

for (const [service, refusals] of Object.entries({ IAM, "API Gateway": API, Logs: LOGS })) {
  test.each(Object.entries(refusals))(`${service} refuses %s`, async (_case, [name, status, message, call]) => {
    const refused = await refusal(call());
    expect(refused).toMatchObject({ name, status });
    expect(refused.message).toContain(message);
  });
}
