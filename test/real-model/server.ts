import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tinyModel } from "./tiny-model.ts";

/** Longer than any machine takes to load half a megabyte. */
const START_LIMIT_MS = 60_000;

/** Starts llama.cpp's server with the tiny model; `python` is the interpreter that has xllamacpp. */
export async function startModelServer(python: string) {
  const folder = await mkdtemp(join(tmpdir(), "llm-gw-model-"));
  const file = join(folder, "tiny.gguf");
  await writeFile(file, tinyModel());
  const program = fileURLToPath(new URL("serve.py", import.meta.url));
  const server = spawn(python, [program, file], { stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = once(server, "close");
  const died = ended.then(() => Promise.reject(new Error(`the model's server ended: ${errors}`)));
  died.catch(() => undefined);
  const printed = once(server.stdout, "data", { signal: AbortSignal.timeout(START_LIMIT_MS) });
  const [address] = await Promise.race([printed, died]);
  return {
    url: `${String(address).trim()}/v1`,
    async close() {
      server.stdin.end();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
