// What AWS logs about the start of a process.
import { createHash, randomBytes } from "node:crypto";
import type { FunctionVersion } from "../function-version.ts";

/** The name of a new log stream, one for each process: `2026/01/31/[$LATEST]5f0c...`. */
export function newLogStream({ version }: FunctionVersion): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[${version}]${randomBytes(16).toString("hex")}`;
}

/** When a process starts. Which build of the runtime AWS would use is not known here: the version is always v1. */
export function initStart({ runtime, region }: FunctionVersion): string {
  const version = runtime.replace(/\.x$/, "").replace(/^(nodejs|python)/, "$1:");
  const id = createHash("sha256").update(runtime).digest("hex");
  return `INIT_START Runtime Version: ${version}.v1\tRuntime Version ARN: arn:aws:lambda:${region}::runtime:${id}`;
}

/** When it could not load the handler. */
export function initReport(durationMs: number, status: string): string {
  return `INIT_REPORT Init Duration: ${durationMs.toFixed(2)} ms\tPhase: init\tStatus: ${status}`;
}
