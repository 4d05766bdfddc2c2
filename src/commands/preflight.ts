import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkPolicySize } from "../aws/function-policy.ts";
import { noDefaultModel } from "../config/default-models.ts";
import { checkGeographies } from "../config/geography.ts";
import { keysIn } from "../config/secrets.ts";
import { builtinPart } from "../config/source.ts";
import type { Gateway } from "../config.ts";
import { type GatewayError, usageError } from "../errors.ts";
import { member, parseJson } from "../json.ts";
import type { Package } from "../package.ts";
import { packageFor } from "./code.ts";

/** Seconds: the function keeps back one of them [gateway 4], and a model needs the others to begin. */
const SHORTEST_TIMEOUT = 3;
/** The name in the package.json of a copy of the built-in function. */
const COPY = "llm-gw-handler";

/**
 * What deploy refuses before any call, since AWS would only show it later. Looking at a gateway and removing it need none of it.
 * @returns the package to deploy
 * @throws GatewayError for a configuration that cannot work, and for code that cannot be packaged
 */
export async function preflight(gateway: Gateway): Promise<Package> {
  await checkModels(gateway);
  checkGeographies(builtinPart(gateway.function.source)?.models ?? {}, gateway.region);
  checkVariables(gateway);
  checkTimeout(gateway);
  const code = await packageFor(gateway);
  checkPolicySize(gateway);
  return code;
}

/** @throws GatewayError for a function that has no model, and so could answer nothing */
export async function checkModels({ region, function: { source } }: Gateway): Promise<void> {
  const builtin = builtinPart(source);
  if (builtin !== undefined && Object.keys(builtin.models).length === 0) throw noDefaultModel(region);
  if (source.kind === "code" && builtin === undefined && (await isCopyWithoutModels(source.path))) {
    throw usageError(
      `${source.path} is a copy of the built-in function, and no models are configured: it could answer nothing`,
      'Put "models" into llm-gw.json; {} stands for Amazon Nova Micro on Bedrock.',
    );
  }
}

/** @throws GatewayError for a key that the function would look for in its environment in vain */
export function checkVariables(gateway: Gateway): void {
  const [first] = missingVariables(gateway);
  if (first !== undefined) throw first;
}

/** An error for each key that is not in the function's environment, where it is said to be. */
export function missingVariables({ function: { source, environment } }: Gateway): GatewayError[] {
  return keysIn(builtinPart(source)?.models ?? {}).flatMap(({ baseUrl, key: { source: store, name } }) => {
    if (store !== "env" || environment[name]) return [];
    return usageError(
      `the key of ${baseUrl} is env:${name}, and the function's environment has no ${name}`,
      `Give it with --env ${name}, or keep the key in ssm:NAME or secretsmanager:NAME.`,
    );
  });
}

/** @throws GatewayError for a timeout without time to ask a model */
export function checkTimeout({ function: { source, timeout } }: Gateway): void {
  if (builtinPart(source) === undefined || timeout >= SHORTEST_TIMEOUT) return;
  throw usageError(
    `the function may run for ${timeout} s; the built-in one needs ${SHORTEST_TIMEOUT}, of which it keeps 1 for its own work`,
    "Give a longer --timeout.",
  );
}

/** Tells the copy by the name that `llm-gw init --template handler` gives it. One may bring models.json itself. */
async function isCopyWithoutModels(folder: string): Promise<boolean> {
  const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => undefined);
  return (
    member(parseJson((await read("package.json")) ?? ""), "name") === COPY && (await read("models.json")) === undefined
  );
}
