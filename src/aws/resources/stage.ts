import {
  CreateStageCommand,
  DeleteAccessLogSettingsCommand,
  DeleteRouteSettingsCommand,
  DeleteStageCommand,
  GetStageCommand,
  type GetStageCommandOutput,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-apigatewayv2";
import { unlessMissing } from "../failures.ts";
import type { Ctx, Kind } from "../kind.ts";
import { API_LANE, write } from "./api-calls.ts";
import { diffProperties, touches } from "./changes.ts";
import { diffTags, type Tags, tagDelta, writable } from "./tags.ts";

interface StageKey {
  readonly apiId: string;
  readonly stageName: string;
}

interface AccessLogs {
  /** ARN of a log group, without `:*` [aws 5.7]. */
  readonly destinationArn: string | undefined;
  readonly format: string | undefined;
}

interface StageProps extends StageKey {
  readonly arn: string;
  /** undefined: `autoDeploy`. AWS then makes the deployments and refuses an id [aws 5.6]. */
  readonly deploymentId: string | undefined;
  /** Requests per second, and how many may come at once; never 0, which refuses everything [aws 5.7]. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  /** undefined: none. */
  readonly accessLogs: AccessLogs | undefined;
  readonly tags: Tags;
}

interface StageLive extends StageKey {
  readonly deploymentId: string | undefined;
  readonly autoDeploy: boolean;
  readonly throttle: { readonly rate: number | undefined; readonly burst: number | undefined };
  /** Route keys with throttles of their own, which nobody configured here. */
  readonly routeSettings: readonly string[];
  readonly accessLogs: AccessLogs | undefined;
  readonly tags: Tags;
}

export const stage: Kind<StageProps, StageLive, StageKey> = {
  type: "apigatewayv2.stage",
  lane: API_LANE,

  async read(ctx, { apiId, stageName }) {
    const live = await readStage(ctx, apiId, stageName);
    return live && { live, owned: true };
  },

  diff: (want, live) => [
    ...diffProperties(
      {
        autoDeploy: want.deploymentId === undefined,
        throttle: want.throttle,
        routeSettings: [],
        accessLogs: want.accessLogs,
      },
      live,
    ),
    // Under autoDeploy it changes with every edit [aws 5.5].
    ...(want.deploymentId === undefined ? [] : diffProperties({ deploymentId: want.deploymentId }, live)),
    ...diffTags(want.tags, live.tags),
  ],

  async apply(ctx, want, live, changes) {
    const { apigateway } = ctx.aws;
    const { apiId: ApiId, stageName: StageName, arn: ResourceArn, accessLogs } = want;
    const AutoDeploy = want.deploymentId === undefined;
    const settings = {
      ApiId,
      StageName,
      AutoDeploy,
      DefaultRouteSettings: { ThrottlingRateLimit: want.throttle.rate, ThrottlingBurstLimit: want.throttle.burst },
      ...(AutoDeploy ? {} : { DeploymentId: want.deploymentId }),
      AccessLogSettings: accessLogs && { DestinationArn: accessLogs.destinationArn, Format: accessLogs.format },
    };
    if (live === undefined) {
      const command = new CreateStageCommand({ ...settings, Tags: { ...want.tags } });
      return fromAws(ApiId, await write(ctx, () => apigateway.send(command)));
    }
    for (const RouteKey of live.routeSettings) {
      const command = new DeleteRouteSettingsCommand({ ApiId, StageName, RouteKey });
      await write(ctx, () => unlessMissing(apigateway.send(command)));
    }
    if (live.accessLogs !== undefined && accessLogs === undefined) {
      const command = new DeleteAccessLogSettingsCommand({ ApiId, StageName });
      await write(ctx, () => unlessMissing(apigateway.send(command)));
    }
    if (live.autoDeploy && !AutoDeploy) {
      const command = new UpdateStageCommand({ ApiId, StageName, AutoDeploy: false });
      await write(ctx, () => apigateway.send(command));
    }
    const setsAccessLogs = accessLogs !== undefined && touches(changes, "accessLogs");
    if (setsAccessLogs || touches(changes, "autoDeploy", "throttle", "deploymentId")) {
      await write(ctx, () => apigateway.send(new UpdateStageCommand(settings)));
    }
    const { set, removed } = tagDelta(want.tags, live.tags);
    if (set) {
      await write(ctx, () => apigateway.send(new TagResourceCommand({ ResourceArn, Tags: { ...set } })));
    }
    if (removed) {
      await write(ctx, () => apigateway.send(new UntagResourceCommand({ ResourceArn, TagKeys: removed })));
    }
    return { ...live, ...want, autoDeploy: AutoDeploy, routeSettings: [] };
  },

  async remove(ctx, { apiId: ApiId, stageName: StageName }) {
    const command = new DeleteStageCommand({ ApiId, StageName });
    await write(ctx, () => unlessMissing(ctx.aws.apigateway.send(command)));
  },

  remember: ({ apiId, stageName }) => ({ apiId, stageName }),
};

/** The stage, read once a round; undefined when there is none. */
export function readStage(ctx: Ctx, ApiId: string, StageName: string): Promise<StageLive | undefined> {
  return ctx.once(`apigatewayv2:GetStage:${ApiId}:${StageName}`, async () => {
    const found = await unlessMissing(ctx.aws.apigateway.send(new GetStageCommand({ ApiId, StageName })));
    return found && fromAws(ApiId, found);
  });
}

function fromAws(apiId: string, found: Partial<GetStageCommandOutput>): StageLive {
  return {
    apiId,
    stageName: found.StageName ?? "",
    deploymentId: found.DeploymentId,
    autoDeploy: found.AutoDeploy ?? false,
    throttle: {
      rate: found.DefaultRouteSettings?.ThrottlingRateLimit,
      burst: found.DefaultRouteSettings?.ThrottlingBurstLimit,
    },
    routeSettings: Object.keys(found.RouteSettings ?? {}),
    accessLogs: found.AccessLogSettings && {
      destinationArn: found.AccessLogSettings.DestinationArn,
      format: found.AccessLogSettings.Format,
    },
    tags: writable(found.Tags),
  };
}
