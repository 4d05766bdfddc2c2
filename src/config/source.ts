import { resolve } from "node:path";
import { usageError } from "../errors.ts";
import { type Builtin, builtinOf } from "./builtin.ts";
import type { Config } from "./schema.ts";

/** What the function runs. */
export type Source =
  | {
      readonly kind: "code";
      readonly path: string;
      readonly runtime: string;
      readonly handler: string;
      /** Given to code that is a copy of the built-in function. */
      readonly builtin?: Builtin;
    }
  | ({ readonly kind: "builtin" } & Builtin);

/** What the function is given to answer as the built-in one does; undefined for code of another kind. */
export function builtinPart(source: Source): Builtin | undefined {
  return source.kind === "builtin" ? source : source.builtin;
}

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
  if (runtime === undefined || handler === undefined) {
    const missing = runtime === undefined ? "--runtime, for example python3.13" : "--handler, for example app.handler";
    throw usageError(`your code needs ${missing}`, 'Or put "runtime" and "handler" beside "code" into llm-gw.json.');
  }
  const own = { kind: "code", path: resolve(base, code), runtime, handler } as const;
  const isCopy = [config.models, config.secrets, config.limits].some((setting) => setting !== undefined);
  return isCopy ? { ...own, builtin: builtinOf(config, region, file) } : own;
}
