import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureVirtualEnvironment } from "../support/virtual-environment.ts";

/** A virtual environment with everything of requirements.txt. */
export interface Python {
  readonly program: string;
  /** botocore's folder with AWS's models. */
  readonly models: string;
}

/** The virtual environment of these tests. Throws an Error that says why there is none. */
export async function ensurePython(): Promise<Python> {
  const folder = await ensureVirtualEnvironment({
    requirements: fileURLToPath(new URL("requirements.txt", import.meta.url)),
    name: "llm-gw-compat",
    notice: "installing the emulators that test:compat compares with, once",
  });
  const [python = ""] = await readdir(join(folder, "lib"));
  return {
    program: join(folder, "bin", "python"),
    models: join(folder, "lib", python, "site-packages", "botocore", "data"),
  };
}
