// Whether a process that left its number somewhere still runs; numbers are given again, at the latest after a restart.
import { readFile } from "node:fs/promises";
import { hasCode } from "./fs-error.ts";

export interface Process {
  readonly pid: number;
  /** What tells it from a later process with the same number; left out where the system does not say (no /proc). */
  readonly started?: string | undefined;
}

export async function thisProcess(): Promise<Process> {
  const started = await startOf(process.pid);
  return { pid: process.pid, ...(started === undefined ? {} : { started }) };
}

/** Whether the process still runs on this machine. */
export async function runs({ pid, started }: Process): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Anything else, like EPERM, means that there is one.
    if (hasCode(error, "ESRCH")) return false;
  }
  if (started === undefined) return true;
  const now = await startOf(pid);
  return now === undefined || now === started;
}

/** Which start of the machine, and how many ticks after it; "ended" for a process that nobody has waited for. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const [boot, stat] = await Promise.all([
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
      readFile(`/proc/${pid}/stat`, "utf8"),
    ]);
    // Behind the name, which may hold anything: the 3rd field of proc(5), and so the 22nd is the 19th after it.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? "ended" : `${boot.trim()} ${fields[18]}`;
  } catch {
    return undefined;
  }
}
