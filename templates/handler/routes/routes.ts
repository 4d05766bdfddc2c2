import { ApiError } from "../errors.ts";
import { chat } from "./chat.ts";
import { inference } from "./inference.ts";
import { modelList } from "./model-list.ts";
import type { Route } from "./route.ts";

const routes = new Map<string, Route>([
  ["POST /inference", inference],
  ["POST /v1/chat/completions", chat],
  ["GET /v1/models", modelList],
  ["GET /health", async ({ version }) => ({ status: "ok", version })],
]);

/** The route for a method and path. Throws an `ApiError` (404) that lists the routes when there is none. */
export function findRoute(key: string): Route {
  const route = routes.get(key);
  if (route !== undefined) return route;
  throw new ApiError(404, "unknown_route", `There is no such route; there is: ${[...routes.keys()].join(", ")}.`);
}
