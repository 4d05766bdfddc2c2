// The gateway in front of a model that really runs.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { ensureVirtualEnvironment } from "./test/support/virtual-environment.ts";

export default defineConfig(async () => {
  const folder = await ensureVirtualEnvironment({
    requirements: fileURLToPath(new URL("test/real-model/requirements.txt", import.meta.url)),
    name: "llm-gw-real-model",
    notice: "installing llama.cpp for test:real-model, once",
  }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`test:real-model is skipped: ${reason}\n`);
    return undefined;
  });
  if (folder === undefined) return { test: { include: [], passWithNoTests: true } };
  return {
    test: {
      include: ["test/real-model/*.real.ts"],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      provide: { modelPython: join(folder, "bin", "python") },
    },
  };
});
