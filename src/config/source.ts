import { resolve } from "node:path";
import { usageError } from "../errors.ts";
import { type Builtin, builtinOf } from "./builtin.ts";
import type { Config } from "./schema.ts";

/** What the function runs. */
export type Source =
  | { readonly kind: "code"; readonly path: string; readonly runtime: string; readonly handler: string }
  | ({ readonly kind: "builtin" } & Builtin);

interface Place {
  readonly region: string;
  /** The configuration file, for messages. */
  readonly file: string;
  /** The folder that `code` is relative to. */
  readonly base: string;
}

/** Your code, or the built-in function where none is named. Throws a GatewayError when both are half described. */
export function sourceOf(config: Config, { region, file, base }: Place): Source {
  const { code, runtime, handler } = config.function;
  if (code === undefined) {
    if (runtime !== undefined || handler !== undefined) {
      throw usageError("runtime and handler are for your own code", "Name it with --code, or leave both out.");
    }
    return { kind: "builtin", ...builtinOf(config, region, file) };
  }
  const { models, secrets, limits } = config;
  const [builtin] = Object.entries({ models, secrets, limits }).flatMap(([name, value]) => (value ? [name] : []));
  if (builtin !== undefined) {
    throw usageError(`${builtin} are for the built-in function, and code names your own`, "Leave one of the two out.");
  }
  if (runtime === undefined || handler === undefined) {
    const missing = runtime === undefined ? "--runtime, for example python3.13" : "--handler, for example app.handler";
    throw usageError(`your code needs ${missing}`, 'Or put "runtime" and "handler" beside "code" into llm-gw.json.');
  }
  return { kind: "code", path: resolve(base, code), runtime, handler };
}
