// How this machine runs a runtime of Lambda, where not as AWS does.
import { execFile } from "node:child_process";
import { versions } from "node:process";
import { promisify } from "node:util";
import { interpreterOf } from "./program.ts";

/** What one should know before a function runs here. */
export interface Difference {
  /** Whether it runs at all. */
  readonly runs: boolean;
  readonly message: string;
}

/** @returns undefined where this machine has the version of the language that the runtime has */
export async function differenceOf(runtime: string): Promise<Difference | undefined> {
  const interpreter = interpreterOf(runtime);
  if (interpreter === undefined) {
    return { runs: false, message: `the local AWS cannot run ${runtime}, only runtimes of Node.js and Python` };
  }
  const installed = interpreter === "node" ? versions.node : await pythonVersion();
  if (installed === undefined) {
    return { runs: false, message: `python3 was not found on the PATH, and the local AWS runs ${runtime} with it` };
  }
  // nodejs24.x has a major version, python3.13 a minor one too.
  const [wanted = ""] = /\d+(\.\d+)?/.exec(runtime) ?? [];
  if (`${installed}.`.startsWith(`${wanted}.`)) return undefined;
  const language = interpreter === "node" ? "Node.js" : "Python";
  return { runs: true, message: `the local AWS runs ${runtime} with the ${language} ${installed} of this machine` };
}

async function pythonVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("python3", ["--version"]);
    return /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0];
  } catch {
    return undefined;
  }
}
