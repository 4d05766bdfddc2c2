import type { Service } from "../wire/service.ts";
import { apigateway } from "./apigatewayv2.ts";
import { bedrock } from "./bedrock.ts";
import { iam } from "./iam.ts";
import { lambda } from "./lambda.ts";
import { logs } from "./logs.ts";
import { secretsmanager } from "./secretsmanager.ts";
import { ssm } from "./ssm.ts";
import { sts } from "./sts.ts";

/** Every service of the local AWS, by its name in a signature's credential scope. */
export const SERVICES: ReadonlyMap<string, Service> = new Map(
  [sts, iam, lambda, apigateway, logs, bedrock, ssm, secretsmanager].map((service) => [service.name, service]),
);
