import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { noDefaultModel } from "../config/default-models.ts";
import { builtinPart } from "../config/source.ts";
import type { Gateway } from "../config.ts";
import { usageError } from "../errors.ts";
import { member, parseJson } from "../json.ts";

/** Seconds: the function keeps back one of them [gateway 4], and a model needs the others to begin. */
const SHORTEST_TIMEOUT = 3;
/** The name in the package.json of a copy of the built-in function. */
const COPY = "llm-gw-handler";

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
