// For --import: writes the URL of each file that is loaded into the file that LLM_GW_BENCH_LOADS names.
import { register } from "node:module";

const hooks = `
import { appendFileSync } from "node:fs";
export async function load(url, context, next) {
  appendFileSync(process.env.LLM_GW_BENCH_LOADS, url + "\\n");
  return next(url, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
