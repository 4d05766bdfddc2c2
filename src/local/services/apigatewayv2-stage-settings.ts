import * as z from "zod";
import type { Account } from "../store/account.ts";
import type { AccessLogSettings, RouteSettings, Stage } from "../store/apigatewayv2.ts";
import { badRequest, type Parsed, webSocketOnly } from "./apigatewayv2-model.ts";

const STAGE_VARIABLES = 100;

const routeSettings = z.strictObject({
  detailedMetricsEnabled: z.boolean().optional(),
  throttlingBurstLimit: z.number().int().min(0).optional(),
  throttlingRateLimit: z.number().min(0).optional(),
  dataTraceEnabled: webSocketOnly,
  loggingLevel: webSocketOnly,
});

export const settingsMembers = {
  defaultRouteSettings: routeSettings.optional(),
  routeSettings: z.record(z.string(), routeSettings).optional(),
  stageVariables: z.record(z.string(), z.string()).optional(),
  accessLogSettings: z
    // The model's limit of the format is the stricter one; the documentation says 3 KB [aws 5.4].
    .strictObject({ destinationArn: z.string().optional(), format: z.string().max(1024).optional() })
    .optional(),
};

type Settings = Pick<Stage, "defaultRouteSettings" | "routeSettings" | "stageVariables" | "accessLogSettings">;

/** The settings of a stage after a change: everything merges [aws 5.6]. BadRequestException for what AWS refuses. */
export function mergedStageSettings(account: Account, old: Settings, input: Parsed<typeof settingsMembers>): Settings {
  const settings = new Map(old.routeSettings);
  for (const [routeKey, one] of Object.entries(input.routeSettings ?? {})) {
    settings.set(routeKey, mergeRouteSettings(settings.get(routeKey), one));
  }
  return {
    defaultRouteSettings: mergeRouteSettings(old.defaultRouteSettings, input.defaultRouteSettings),
    routeSettings: settings,
    stageVariables: mergeVariables(old.stageVariables, input.stageVariables),
    accessLogSettings: mergeAccessLogs(account, old.accessLogSettings, input.accessLogSettings),
  };
}

function mergeRouteSettings(
  old: RouteSettings | undefined,
  more: z.output<typeof routeSettings> | undefined,
): RouteSettings {
  // Whether AWS lets a level of OFF or a trace of false pass is unconfirmed.
  if (more?.dataTraceEnabled !== undefined || more?.loggingLevel !== undefined) {
    throw badRequest("Execution logs are not supported on protocolType HTTP");
  }
  return {
    detailedMetricsEnabled: more?.detailedMetricsEnabled ?? old?.detailedMetricsEnabled ?? false,
    throttlingBurstLimit: more?.throttlingBurstLimit ?? old?.throttlingBurstLimit,
    throttlingRateLimit: more?.throttlingRateLimit ?? old?.throttlingRateLimit,
  };
}

/** An empty value takes its variable away [aws 5.6]. The texts are unconfirmed. */
function mergeVariables(
  old: ReadonlyMap<string, string>,
  more: Readonly<Record<string, string>> = {},
): Map<string, string> {
  const variables = new Map(old);
  for (const [name, value] of Object.entries(more)) {
    if (!/^\w{1,64}$/.test(name)) {
      throw badRequest(`Invalid stage variable name: ${name}. Names have up to 64 of the characters a-zA-Z0-9_`);
    }
    if (!/^[A-Za-z0-9-._~:/?#&=,]{0,512}$/.test(value)) {
      throw badRequest(
        `Invalid stage variable value for ${name}. Values have up to 512 of the characters A-Za-z0-9-._~:/?#&=,`,
      );
    }
    if (value === "") variables.delete(name);
    else variables.set(name, value);
  }
  if (variables.size > STAGE_VARIABLES) throw badRequest(`A stage has at most ${STAGE_VARIABLES} stage variables`);
  return variables;
}

function mergeAccessLogs(
  account: Account,
  old: AccessLogSettings | undefined,
  more: z.output<typeof settingsMembers.accessLogSettings>,
): AccessLogSettings | undefined {
  if (more === undefined) return old;
  const destinationArn = more.destinationArn ?? old?.destinationArn ?? "";
  const format = more.format ?? old?.format ?? "";
  if (destinationArn === "" || format === "") {
    // The text is unconfirmed.
    throw badRequest("Access Log value missing. Expected destinationArn and format.");
  }
  checkDestination(account, destinationArn);
  // [aws 5.7] one line; its text is unconfirmed.
  if (/[\r\n]/.test(format)) throw badRequest("Access Log format must be a single line");
  if (!/\$context\.(requestId|extendedRequestId)\b/.test(format)) {
    throw badRequest("Access Log format must include either $context.requestId or $context.extendedRequestId");
  }
  return { destinationArn, format };
}

/** The destination is a log group of this account and Region, its ARN without `:*` [aws 5.7]. That it must exist is unconfirmed. */
function checkDestination(account: Account, arn: string): void {
  const [, service, region, accountId, resource = ""] =
    /^arn:aws:([a-z]+):([a-z0-9-]*):(\d*):(?:log-group:)?(.+)$/s.exec(arn) ?? [];
  if (service === undefined) throw badRequest("Invalid ARN specified in the request");
  if (!/^[\w\-/.]+$/.test(resource) || service === "firehose") {
    throw badRequest(
      `Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': '${resource}'`,
    );
  }
  if (service !== "logs" || region !== account.region || accountId !== account.accountId) {
    throw badRequest("Invalid ARN specified in the request");
  }
  if (account.logGroups.get(resource)?.arn !== arn) throw badRequest("The specified log group does not exist.");
}
