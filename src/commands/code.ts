import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Builtin } from "../config/builtin.ts";
import { noDefaultModel } from "../config/default-models.ts";
import { builtinPart } from "../config/source.ts";
import type { Gateway } from "../config.ts";
import { usageError } from "../errors.ts";
import { member, parseJson } from "../json.ts";
import { type Package, packageCode, packageFiles } from "../package.ts";

/** Seconds: the function keeps back one of them [gateway 4], and a model needs the others to begin. */
const SHORTEST_TIMEOUT = 3;

/** The name in the package.json of a copy of the built-in function. */
const COPY = "llm-gw-handler";

/** The bundled built-in function; the same relative path from src/ and from dist/. */
const BUILTIN = new URL("../dist/handler/", import.meta.url);

/**
 * The package the function runs: the user's, or the built-in one. The built-in one, and a copy of it, gets the models it
 * may use. Throws a GatewayError for what is wrong with either.
 */
export async function packageFor({ function: { source, environment } }: Gateway): Promise<Package> {
  const files = new Map<string, Buffer>();
  const builtin = builtinPart(source);
  if (builtin !== undefined) {
    checkVariables(builtin, environment);
    files.set("models.json", Buffer.from(modelTable(builtin)));
  }
  if (source.kind === "code") return packageCode(source.path, source, files);
  for (const name of await readdir(BUILTIN)) files.set(name, await readFile(new URL(name, BUILTIN)));
  return packageFiles(files);
}

/**
 * Refuses to deploy a function that could answer nothing. Looking at it and removing it need no such function.
 * @throws GatewayError without a model, and for a timeout that leaves no time to ask one
 */
export async function checkAnswers({ region, function: { source, timeout } }: Gateway): Promise<void> {
  const builtin = builtinPart(source);
  if (builtin === undefined) {
    if (source.kind === "code" && (await isCopyWithoutModels(source.path))) {
      throw usageError(
        `${source.path} is a copy of the built-in function, and no models are configured: it could answer nothing`,
        'Put "models" into llm-gw.json; {} stands for Amazon Nova Micro on Bedrock.',
      );
    }
    return;
  }
  if (Object.keys(builtin.models).length === 0) throw noDefaultModel(region);
  if (timeout < SHORTEST_TIMEOUT) {
    throw usageError(
      `the function may run for ${timeout} s; the built-in one needs ${SHORTEST_TIMEOUT}, of which it keeps 1 for its own work`,
      "Give a longer --timeout.",
    );
  }
}

/** Tells the copy by the name that `llm-gw init --template handler` gives it. One may bring models.json itself. */
async function isCopyWithoutModels(folder: string): Promise<boolean> {
  const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => undefined);
  return (
    member(parseJson((await read("package.json")) ?? ""), "name") === COPY && (await read("models.json")) === undefined
  );
}

/** The function would ask for such a key in vain. Looked at here, since only what is deployed has an environment. */
function checkVariables({ models }: Builtin, environment: Readonly<Record<string, string>>): void {
  for (const model of Object.values(models).flat()) {
    if (model.backend !== "openai" || model.key?.source !== "env") continue;
    const { name } = model.key;
    if (environment[name]) continue;
    throw usageError(
      `the key of ${model.baseUrl} is env:${name}, and the function's environment has no ${name}`,
      `Give it with --env ${name}, or keep the key in ssm:NAME or secretsmanager:NAME.`,
    );
  }
}

/** The content of models.json. The same configuration gives the same bytes, whatever its order. */
function modelTable({ models, limits }: Builtin): string {
  const sorted = Object.entries(models).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ models: Object.fromEntries(sorted), limits });
}
