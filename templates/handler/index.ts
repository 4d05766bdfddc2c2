import { createGateway } from "./gateway.ts";
import { logLine } from "./log.ts";
import { readModels } from "./models.ts";

/** The built-in function: read at its cold start, `models.json` lies beside this file in the package. */
export const handler = createGateway({
  table: readModels(new URL("./models.json", import.meta.url)),
  env: process.env,
  now: () => performance.now(),
  log: logLine,
});
