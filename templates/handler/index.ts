import { bufferedHandler } from "./doors/buffered.ts";
import { streamingHandler } from "./doors/streaming.ts";
import { createGateway } from "./gateway.ts";
import { createLog } from "./log.ts";
import { readModels } from "./models.ts";

/** Set by the build. */
declare const LLM_GW_VERSION: string;

const gateway = createGateway({
  // In the package it lies beside this file.
  table: readModels(new URL("./models.json", import.meta.url)),
  env: process.env,
  version: LLM_GW_VERSION,
  now: Date.now,
  random: Math.random,
  log: createLog(process.env, (line) => process.stdout.write(line)),
});

/** The built-in function. */
export const handler = bufferedHandler(gateway);

/** The same, for callers that take an answer piece by piece. */
export const stream = streamingHandler(gateway);
