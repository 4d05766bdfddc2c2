// The product against what we did not write: AWS's published models, boto3, and other projects' emulators of AWS.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { ensurePython, type Python } from "./test/compat/python.ts";

const SUITE = {
  // A gateway on a bad day waits for most of a minute where the machine is busy.
  testTimeout: 120_000,
  hookTimeout: 60_000,
  maxWorkers: 2,
  reporters: ["default"],
};

export default defineConfig(async () => {
  const python = await ensurePython().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`test:compat is skipped: ${reason}\n`);
    return undefined;
  });
  return {
    test: python === undefined ? { include: [], passWithNoTests: true } : { ...SUITE, projects: projects(python) },
  };
});

/** These ask no AWS: what is refused before, and `llm-gw local` itself. */
const NO_AWS = ["test/e2e/bad-input.test.ts", "test/e2e/local-server.test.ts"];

/** In groups, one after the other; each file starts the servers it needs. */
function projects({ program, models }: Python) {
  const recordings = mkdtempSync(join(tmpdir(), "llm-gw-recordings-"));
  process.once("exit", () => rmSync(recordings, { recursive: true, force: true }));
  const provide = { python: program, models, recordings };
  const list = [
    {
      name: "cli on the local AWS, recorded",
      group: 0,
      include: ["test/e2e/*.test.ts"],
      exclude: NO_AWS,
      env: { LLM_GW_TEST_RECORD: recordings },
    },
    {
      name: "cli on ministack",
      group: 1,
      include: ["test/e2e/*.test.ts"],
      exclude: NO_AWS,
      env: { LLM_GW_TEST_AWS: "ministack" },
      setupFiles: ["test/compat/expect-gaps.ts", "test/compat/end-emulators.ts"],
    },
    {
      name: "cli on moto",
      group: 2,
      include: ["test/e2e/auto-deploy.test.ts"],
      env: { LLM_GW_TEST_AWS: "moto" },
      setupFiles: ["test/compat/expect-gaps.ts", "test/compat/end-emulators.ts"],
    },
    {
      name: "boto3 and the differential test",
      group: 2,
      include: ["test/compat/*.compat.ts"],
      exclude: ["test/compat/models.compat.ts"],
      setupFiles: ["test/compat/end-emulators.ts"],
    },
    { name: "AWS's models", group: 3, include: ["test/compat/models.compat.ts"] },
  ];
  return list.map(({ group, ...project }) => ({
    test: { ...SUITE, provide, ...project, sequence: { groupOrder: group } },
  }));
}
