import {
  CreateIntegrationCommand,
  type CreateIntegrationCommandInput,
  DeleteIntegrationCommand,
  GetIntegrationsCommand,
  type Integration,
  UpdateIntegrationCommand,
} from "@aws-sdk/client-apigatewayv2";
import { isError, unlessMissing } from "../failures.ts";
import type { Ctx, Kind } from "../kind.ts";
import { API_LANE, listAll, write } from "./api-calls.ts";
import { diffProperties } from "./changes.ts";
import { created } from "./function-state.ts";
import { readRoutes } from "./route.ts";

interface IntegrationKey {
  readonly apiId: string;
  readonly functionArn: string;
}

interface IntegrationProps extends IntegrationKey {
  /** At most 30,000: API Gateway waits no longer, whatever the function's own timeout [aws 5.4]. */
  readonly timeoutMs: number;
}

export interface IntegrationLive extends IntegrationProps {
  readonly integrationId: string;
  readonly type: string;
  readonly payloadFormatVersion: string;
  /** Further integrations with the same function that no route uses. */
  readonly duplicates: readonly string[];
}

export const integration: Kind<IntegrationProps, IntegrationLive, IntegrationKey> = {
  type: "apigatewayv2.integration",
  lane: API_LANE,
  isNameless: true,

  async read(ctx, key, hint) {
    const [found, routes] = await Promise.all([listIntegrations(ctx, key.apiId), readRoutes(ctx, key.apiId)]);
    const used = new Set(routes.map(({ target }) => target));
    const isUsed = (one: IntegrationLive) => used.has(`integrations/${one.integrationId}`);
    // Nothing but its function identifies one [aws 1 rule 2]; every run has to choose the same of several.
    const candidates = found
      .filter((one) => one.functionArn === key.functionArn)
      .sort((a, b) => Number(isUsed(b)) - Number(isUsed(a)) || (a.integrationId < b.integrationId ? -1 : 1));
    const chosen = candidates[0] ?? found.find((one) => one.integrationId === hint?.integrationId);
    if (chosen === undefined) return undefined;
    const unused = candidates.filter((one) => one !== chosen && !isUsed(one));
    return { live: { ...chosen, duplicates: unused.map((one) => one.integrationId) }, owned: true };
  },

  diff: (want, live) =>
    diffProperties(
      {
        functionArn: want.functionArn,
        timeoutMs: want.timeoutMs,
        type: "AWS_PROXY",
        payloadFormatVersion: "2.0",
        duplicates: [],
      },
      live,
    ),

  async apply(ctx, want, live, changes) {
    const { apiId: ApiId } = want;
    const settings = {
      ApiId,
      IntegrationType: "AWS_PROXY" as const,
      IntegrationMethod: "POST",
      IntegrationUri: want.functionArn,
      PayloadFormatVersion: "2.0",
      TimeoutInMillis: want.timeoutMs,
    };
    if (live === undefined) {
      return fromAws(ApiId, await create(ctx, settings));
    }
    for (const IntegrationId of live.duplicates) await deleteIntegration(ctx, ApiId, IntegrationId);
    if (changes.some(({ path }) => path !== "duplicates")) {
      const input = { ...settings, IntegrationId: live.integrationId };
      await write(ctx, () => ctx.aws.apigateway.send(new UpdateIntegrationCommand(input)));
    }
    return { ...live, ...want, duplicates: [] };
  },

  remove: (ctx, live) => deleteIntegration(ctx, live.apiId, live.integrationId),

  remember: ({ apiId, integrationId }) => ({ apiId, integrationId }),
};

/** All integrations of an API, as they are now; none when there is no such API, or it is not shown yet. */
export async function listIntegrations(ctx: Ctx, ApiId: string): Promise<readonly IntegrationLive[]> {
  const page = (NextToken: string | undefined) =>
    ctx.aws.apigateway.send(new GetIntegrationsCommand({ ApiId, NextToken }));
  const all = await unlessMissing(listAll(page));
  return (all ?? []).map((found) => fromAws(ApiId, found));
}

/** It is not documented whether the function has to exist; if that is why AWS refuses, waiting for the function helps. */
async function create(ctx: Ctx, settings: CreateIntegrationCommandInput): Promise<Integration> {
  const send = () => write(ctx, () => ctx.aws.apigatewayOnce.send(new CreateIntegrationCommand(settings)));
  try {
    return await send();
  } catch (error) {
    if (!isError(error, ["BadRequestException"], /invalid integration uri|function/i)) throw error;
    await created(ctx, String(settings.IntegrationUri));
    return send();
  }
}

async function deleteIntegration(ctx: Ctx, ApiId: string, IntegrationId: string): Promise<void> {
  const command = new DeleteIntegrationCommand({ ApiId, IntegrationId });
  await write(ctx, () => unlessMissing(ctx.aws.apigateway.send(command)));
}

/** Either form of a Lambda URI may come back: the function's ARN, or one that wraps it [aws 6]. */
function functionArnOf(uri: string): string {
  return /\/functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1] ?? uri;
}

function fromAws(apiId: string, found: Integration): IntegrationLive {
  return {
    apiId,
    integrationId: found.IntegrationId ?? "",
    functionArn: functionArnOf(found.IntegrationUri ?? ""),
    timeoutMs: found.TimeoutInMillis ?? 30_000,
    type: found.IntegrationType ?? "",
    payloadFormatVersion: found.PayloadFormatVersion ?? "",
    duplicates: [],
  };
}
