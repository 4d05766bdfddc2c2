import { usageError } from "../errors.ts";
import { defaultModels } from "./default-models.ts";
import { type Models, resolveModels } from "./models.ts";
import type { Config } from "./schema.ts";
import { withSecrets } from "./secrets.ts";

/** What the built-in function answers [gateway 2]. */
export const BUILTIN_ROUTES = ["POST /inference", "POST /v1/chat/completions", "GET /v1/models", "GET /health"];

/** Tokens of an answer when the request does not say, unless fewer are the limit [gateway 5]. */
const DEFAULT_MAX_TOKENS = 1024;

/** What the built-in function allows a request. */
interface Limits {
  readonly defaultMaxTokens: number;
  readonly maxTokens: number;
  /** UTF-8 bytes of messages, tools and settings. */
  readonly promptBytes: number;
}

/** The built-in function's own configuration. */
export interface Builtin {
  readonly models: Models;
  readonly limits: Limits;
}

/** @throws GatewayError that names the model, secret or limit at fault */
export function builtinOf({ models, secrets = {}, limits = {} }: Config, region: string, file: string): Builtin {
  const configured = models === undefined || Object.keys(models).length === 0 ? undefined : models;
  const resolved = configured === undefined ? defaultModels(region) : resolveModels(configured, file, region);
  const { maxTokens = 8192, promptBytes = 1024 * 1024 } = limits;
  const { defaultMaxTokens = Math.min(DEFAULT_MAX_TOKENS, maxTokens) } = limits;
  if (defaultMaxTokens > maxTokens) {
    throw usageError(
      `${file}: limits.defaultMaxTokens ${defaultMaxTokens}: it is above limits.maxTokens, which is ${maxTokens}`,
    );
  }
  return {
    models: withSecrets(resolved, secrets, file, region),
    limits: { defaultMaxTokens, maxTokens, promptBytes },
  };
}

/** Those of the routes on which the built-in function has nothing but a 404 to say. */
export function unansweredRoutes(routes: readonly string[]): string[] {
  return routes.filter((routeKey) => {
    const [method, path] = routeKey.split(" ", 2);
    // $default, and paths with parameters, let through what the others do not.
    if (path === undefined || path.includes("{")) return false;
    return !BUILTIN_ROUTES.some((known) => known === routeKey || (method === "ANY" && known.endsWith(` ${path}`)));
  });
}
