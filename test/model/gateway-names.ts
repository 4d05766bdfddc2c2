/** Names of the one gateway that is deployed. */
export const GATEWAY = {
  functionName: "llm-gw-prod",
  apiName: "llm-gw-prod",
  roleName: "llm-gw-prod-eu-west-1",
  logGroupName: "/aws/lambda/llm-gw-prod",
  stageName: "prod",
  statementId: "llm-gw-api-gateway",
  policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
  ownerTags: { "llm-gw:gateway": "llm-gw", "llm-gw:stage": "prod" },
} as const;
