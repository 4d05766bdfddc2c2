// What a gateway consists of: read this file to know.
import { createHash } from "node:crypto";
import type { Gateway } from "../config.ts";
import { ACCESS_LOG_FORMAT } from "./access-log.ts";
import { functionPolicy } from "./function-policy.ts";
import type { AnyNode, Identity } from "./kind.ts";
import { node } from "./kind.ts";

import { CODE_TAG, codeTag, namesOf, ownerTags } from "./names.ts";
import { api as apiKind } from "./resources/api.ts";
import { deployment as deploymentKind } from "./resources/deployment.ts";
import { lambdaFunction } from "./resources/function.ts";
import { integration as integrationKind } from "./resources/integration.ts";
import { logGroup as logGroupKind } from "./resources/log-group.ts";
import { permission as permissionKind } from "./resources/permission.ts";
import { policyAttachment } from "./resources/policy-attachment.ts";
import { role as roleKind } from "./resources/role.ts";
import { route as routeKind } from "./resources/route.ts";
import { stage as stageKind } from "./resources/stage.ts";

const BUILTIN = { runtime: "nodejs24.x", handler: "index.handler" };
/** API Gateway's own limit, which cannot be raised [aws 5.4]. */
const INTEGRATION_TIMEOUT_MS = 30_000;
const TRUST_LAMBDA = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
} as const;

/** What the function runs. */
export interface Code {
  readonly zip: Uint8Array;
  /** base64 */
  readonly sha256: string;
}

/** For runs that only look for resources or remove them. */
export const NO_CODE: Code = { zip: new Uint8Array(), sha256: "" };

/** The wanted resources, each after what it needs. */
export function gatewayNodes(gateway: Gateway, identity: Identity, code: Code) {
  const names = namesOf(gateway, identity);
  const tags = { ...gateway.tags, ...ownerTags(gateway) };
  const description = `llm-gw gateway ${gateway.name}, stage ${gateway.stage}`;
  const { source, timeout, memory, environment, architecture, logRetentionDays } = gateway.function;
  const { runtime, handler } = source.kind === "code" ? source : BUILTIN;

  const role = node({
    id: "role",
    name: names.roleName,
    kind: roleKind,
    needs: {},
    key: () => ({ roleName: names.roleName }),
    props: () => ({
      roleName: names.roleName,
      description,
      trust: TRUST_LAMBDA,
      policy: functionPolicy(gateway, identity),
      tags,
    }),
  });
  const attachment = node({
    id: "policy-attachment",
    name: "AWSLambdaBasicExecutionRole",
    kind: policyAttachment,
    needs: { role },
    key: () => ({ roleName: names.roleName, policyArn: names.basicExecutionPolicyArn }),
    props: (up) => ({ roleName: up.role.roleName, policyArn: names.basicExecutionPolicyArn }),
  });
  const groupOf = (id: string, logGroupName: string, arn: string, functionName: string | undefined) =>
    node({
      id,
      name: logGroupName,
      kind: logGroupKind,
      needs: {},
      key: () => ({ logGroupName, arn, functionName }),
      props: () => ({
        logGroupName,
        arn,
        retentionDays: logRetentionDays === 0 ? undefined : logRetentionDays,
        tags,
      }),
    });
  // Before the function, which would otherwise make a group of its own that never expires [aws 4.11].
  const logGroup = groupOf("log-group", names.logGroupName, names.logGroupArn, names.functionName);
  const accessLogGroup = groupOf("access-log-group", names.accessLogGroupName, names.accessLogGroupArn, undefined);
  const fn = node({
    id: "function",
    name: names.functionName,
    kind: lambdaFunction,
    needs: { role, logGroup },
    key: () => ({ functionName: names.functionName }),
    props: (up) => ({
      functionName: names.functionName,
      roleArn: up.role.arn,
      roleCreatedAt: up.role.createdAt,
      runtime,
      handler,
      description,
      timeout,
      memory,
      architecture,
      environment,
      logGroupName: up.logGroup.logGroupName,
      code,
      tags: { ...tags, [CODE_TAG]: codeTag(source) },
    }),
  });
  const api = node({
    id: "api",
    name: names.apiName,
    kind: apiKind,
    needs: {},
    key: () => ({ name: names.apiName, arnPrefix: names.apiArnPrefix }),
    props: () => ({ name: names.apiName, arnPrefix: names.apiArnPrefix, description, tags }),
  });
  // Needs the function's ARN, not the function: the API is built while the role propagates.
  const integration = node({
    id: "integration",
    name: names.functionName,
    kind: integrationKind,
    needs: { api },
    key: ({ api: { apiId } = {} }) => (apiId === undefined ? undefined : { apiId, functionArn: names.functionArn }),
    props: (up) => ({
      apiId: up.api.apiId,
      functionArn: names.functionArn,
      timeoutMs: INTEGRATION_TIMEOUT_MS,
    }),
  });
  const authorizationType = gateway.auth === "iam" ? "AWS_IAM" : "NONE";
  const routes = gateway.routes.map((routeKey) =>
    node({
      id: `route ${routeKey}`,
      name: routeKey,
      kind: routeKind,
      needs: { api, integration },
      key: ({ api: { apiId } = {}, integration: { integrationId } = {} }) =>
        apiId === undefined ? undefined : { apiId, routeKey, target: integrationId && `integrations/${integrationId}` },
      props: (up) => ({
        apiId: up.api.apiId,
        routeKey,
        authorizationType,
        target: `integrations/${up.integration.integrationId}`,
      }),
    }),
  );
  const fingerprint = fingerprintOf({
    functionArn: names.functionArn,
    timeoutMs: INTEGRATION_TIMEOUT_MS,
    authorizationType,
    routes: [...gateway.routes].sort(),
  });
  const deployment = node({
    id: "deployment",
    name: fingerprint,
    kind: deploymentKind,
    needs: { api, integration, ...Object.fromEntries(routes.map((route) => [route.id, route])) },
    key: ({ api: { apiId } = {} }) =>
      apiId === undefined ? undefined : { apiId, stageName: gateway.stage, fingerprint },
    props: (up) => ({
      apiId: up.api.apiId,
      stageName: gateway.stage,
      fingerprint,
      routes: gateway.routes.map((routeKey) => ({ routeKey, authorizationType })),
      integration: up.integration,
    }),
  });
  const stageBase = {
    id: "stage",
    name: gateway.stage,
    kind: stageKind,
    key: ({ api: { apiId } = {} }: { readonly api?: { readonly apiId?: string } }) =>
      apiId === undefined ? undefined : { apiId, stageName: gateway.stage },
  };
  const stageProps = (parent: { readonly apiId: string; readonly arn: string }, deploymentId: string | undefined) => ({
    apiId: parent.apiId,
    stageName: gateway.stage,
    arn: `${parent.arn}/stages/${gateway.stage}`,
    deploymentId,
    throttle: gateway.throttle,
    accessLogs: gateway.accessLogs ? { destinationArn: names.accessLogGroupArn, format: ACCESS_LOG_FORMAT } : undefined,
    tags,
  });
  const stageNeeds = gateway.accessLogs ? { api, accessLogGroup } : { api };
  // Under autoDeploy, AWS makes the deployments and refuses an id of ours [aws 5.6].
  const released: AnyNode[] = gateway.autoDeploy
    ? [node({ ...stageBase, needs: stageNeeds, props: (up) => stageProps(up.api, undefined) })]
    : [
        deployment,
        node({
          ...stageBase,
          needs: { ...stageNeeds, deployment },
          props: (up) => stageProps(up.api, up.deployment.deploymentId),
        }),
      ];
  const permission = node({
    id: "permission",
    name: "llm-gw-api-gateway",
    kind: permissionKind,
    needs: { fn, api },
    key: () => ({ functionName: names.functionName, statementId: "llm-gw-api-gateway" }),
    props: (up) => ({
      functionName: up.fn.functionName,
      statementId: "llm-gw-api-gateway",
      principal: "apigateway.amazonaws.com",
      action: "lambda:InvokeFunction",
      // This API and this stage, all of its routes [aws 4.8].
      sourceArn: `arn:${identity.partition}:execute-api:${gateway.region}:${identity.account}:${up.api.apiId}/${gateway.stage}/*`,
    }),
  });

  const nodes: readonly AnyNode[] = [
    role,
    attachment,
    logGroup,
    ...(gateway.accessLogs ? [accessLogGroup] : []),
    fn,
    api,
    integration,
    ...routes,
    ...released,
    permission,
  ];
  return { nodes, role, logGroup, accessLogGroup, fn, api, integration, routes };
}

/**
 * What destroy deletes: chains that go at once, each in its order. An API takes along all it contains and a function its
 * policy. The log group goes after the function, which would make it again when it logs [aws 4.11]. That of access logs
 * goes even when none are configured: it stays when they are switched off.
 */
export function removalChains({
  role,
  logGroup,
  accessLogGroup,
  fn,
  api,
}: ReturnType<typeof gatewayNodes>): readonly AnyNode[][] {
  return [[api, accessLogGroup], [fn, logGroup], [role]];
}

/** Deployments with equal content have equal fingerprints, on every machine. */
function fingerprintOf(content: object): string {
  return `llm-gw ${createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 32)}`;
}
