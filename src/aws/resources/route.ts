import {
  type AuthorizationType,
  CreateRouteCommand,
  DeleteRouteCommand,
  GetRoutesCommand,
  type Route,
  UpdateRouteCommand,
} from "@aws-sdk/client-apigatewayv2";
import { unlessMissing } from "../failures.ts";
import type { Ctx, Kind } from "../kind.ts";
import { API_LANE, listAll, write } from "./api-calls.ts";
import { diffProperties } from "./changes.ts";

interface RouteKey {
  readonly apiId: string;
  readonly routeKey: string;
  /** `integrations/{id}`; undefined while there is no integration. */
  readonly target: string | undefined;
}

interface RouteProps extends RouteKey {
  readonly target: string;
  readonly authorizationType: AuthorizationType;
}

export interface RouteLive extends RouteKey {
  readonly routeId: string;
  readonly authorizationType: string;
  readonly target: string;
}

export const route: Kind<RouteProps, RouteLive, RouteKey> = {
  type: "apigatewayv2.route",
  lane: API_LANE,

  async read(ctx, { apiId, routeKey }) {
    const live = (await readRoutes(ctx, apiId)).find((found) => found.routeKey === routeKey);
    return live && { live, owned: true };
  },

  diff: ({ authorizationType, target }, live) => diffProperties({ authorizationType, target }, live),

  async apply(ctx, want, live) {
    const settings = {
      ApiId: want.apiId,
      RouteKey: want.routeKey,
      AuthorizationType: want.authorizationType,
      Target: want.target,
    };
    if (live === undefined) {
      const command = new CreateRouteCommand(settings);
      return fromAws(want.apiId, await write(ctx, () => ctx.aws.apigateway.send(command)));
    }
    const command = new UpdateRouteCommand({ ...settings, RouteId: live.routeId });
    return fromAws(want.apiId, await write(ctx, () => ctx.aws.apigateway.send(command)));
  },

  async remove(ctx, { apiId: ApiId, routeId: RouteId }) {
    await write(ctx, () => unlessMissing(ctx.aws.apigateway.send(new DeleteRouteCommand({ ApiId, RouteId }))));
  },

  remember: ({ apiId, routeId, routeKey }) => ({ apiId, routeId, routeKey }),

  /** Routes of our API that lead where ours lead: an earlier configuration, or somebody's hand, made them. */
  async strays(ctx, wanted) {
    const [first] = wanted;
    if (first?.target === undefined) return [];
    const keys = new Set(wanted.map(({ routeKey }) => routeKey));
    const all = await readRoutes(ctx, first.apiId);
    return (
      all
        .filter(({ routeKey, target }) => !keys.has(routeKey) && target === first.target)
        .map((live) => ({ name: live.routeKey, live }))
        // AWS lists them in no order.
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    );
  },
};

/** All routes of an API, read once a round; none when there is no such API. */
export function readRoutes(ctx: Ctx, ApiId: string): Promise<readonly RouteLive[]> {
  return ctx.once(`apigatewayv2:GetRoutes:${ApiId}`, () => listRoutes(ctx, ApiId));
}

/** All routes of an API, as they are now; none when there is no such API. */
export async function listRoutes({ aws }: Pick<Ctx, "aws">, ApiId: string): Promise<readonly RouteLive[]> {
  const page = (NextToken: string | undefined) => aws.apigateway.send(new GetRoutesCommand({ ApiId, NextToken }));
  const all = await unlessMissing(listAll(page));
  return (all ?? []).map((found) => fromAws(ApiId, found));
}

function fromAws(apiId: string, found: Partial<Route>): RouteLive {
  return {
    apiId,
    routeId: found.RouteId ?? "",
    routeKey: found.RouteKey ?? "",
    authorizationType: found.AuthorizationType ?? "NONE",
    target: found.Target ?? "",
  };
}
