import { spawnSync } from "node:child_process";

/** Whether a program can be started here; prints why its tests are skipped when it can not. */
export function isInstalled(program: string): boolean {
  const found = spawnSync(program, ["--version"]).status === 0;
  if (!found) {
    process.stderr.write(`skipped: ${program} is not installed on this machine\n`);
  }
  return found;
}
