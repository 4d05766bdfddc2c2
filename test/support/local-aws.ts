import type { TimingChange } from "../../src/local/timing.ts";
import { dressed, type Served, serveLocal } from "./served-aws.ts";

/**
 * An AWS on a free port, with what a test needs to look into it. LLM_GW_TEST_AWS names another one than the local AWS
 * (see test/compat); LLM_GW_TEST_RECORD a folder that keeps what is asked of the local AWS and what it answers.
 */
export async function startAws(timing: TimingChange = {}) {
  return dressed(await serve(timing));
}

export type TestAws = Awaited<ReturnType<typeof startAws>>;

async function serve(timing: TimingChange): Promise<Served> {
  const { LLM_GW_TEST_AWS: other, LLM_GW_TEST_RECORD: folder } = process.env;
  if (other !== undefined) return (await import("../compat/emulated-aws.ts")).startEmulatedAws(other);
  const local = await serveLocal(timing);
  return folder === undefined ? local : (await import("../compat/recording.ts")).recorded(local, folder, "cli");
}
