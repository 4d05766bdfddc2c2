import { readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Bundle, bundleHandler, copyOf, tableOf } from "./support/bundle.ts";
import { readDirect } from "./support/events.ts";
import { startFunction } from "./support/function.ts";
import { sendJson, startUpstream } from "./support/upstream.ts";

let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleHandler(tableOf({ default: { backend: "echo" } }));
});
afterAll(() => bundle.remove());

/** The files that a request to `backend` loads: the entry, the backend's own chunk, and what those import at once. */
function loadedFor(backend: string): string[] {
  const outputs = Object.entries(bundle.outputs);
  const wanted = new Set(["templates/handler/index.ts", `templates/handler/backends/${backend}.ts`]);
  const loaded = new Set(outputs.filter(([, { entryPoint }]) => wanted.has(entryPoint ?? "")).map(([path]) => path));
  for (const path of loaded) {
    for (const { path: imported, kind } of bundle.outputs[path]?.imports ?? []) {
      if (kind === "import-statement" && imported in bundle.outputs) loaded.add(imported);
    }
  }
  return [...loaded];
}

async function zippedBytes(paths: readonly string[]): Promise<number> {
  const files = paths.map(
    async (path) => [basename(path), await readFile(join(bundle.folder, basename(path)))] as const,
  );
  return zipSync(Object.fromEntries(await Promise.all(files))).byteLength;
}

it("is at most 250 KB zipped, of which an echo or openai request loads at most 25 KB", async () => {
  expect(await zippedBytes(Object.keys(bundle.outputs))).toBeLessThanOrEqual(250_000);
  for (const backend of ["echo", "openai"]) {
    expect(await zippedBytes(loadedFor(backend))).toBeLessThanOrEqual(25_000);
  }
});

it("answers through echo and openai without the files of the AWS SDK", async () => {
  const upstream = await startUpstream((_, response) =>
    sendJson(response, 200, { choices: [{ message: { content: "Hi" }, finish_reason: "stop" }] }),
  );
  const files = [...new Set([...loadedFor("echo"), ...loadedFor("openai")])].map((path) => basename(path));
  expect(files.some((file) => file.startsWith("bedrock"))).toBe(false);
  const part = await copyOf(bundle, files);
  const other = { backend: "openai", baseUrl: upstream.url, model: "m" };
  await writeFile(join(part.folder, "models.json"), JSON.stringify(tableOf({ default: { backend: "echo" }, other })));
  const fn = startFunction(part.folder);
  expect(readDirect(await fn.invoke({ prompt: "Hello" })).answer?.output).toBe("[echo backend] Hello");
  expect(readDirect(await fn.invoke({ prompt: "Hello", model: "other" })).answer?.output).toBe("Hi");
  await fn.stop();
  await Promise.all([part.remove(), upstream.close()]);
});

it.each([
  ["nothing", undefined, 'put "models" (it may be empty) into llm-gw.json'],
  ["no JSON", "{", "JSON"],
  ["no models", "{}", "models"],
  ["an alias without a list", '{"models":{"fast":{"backend":"echo"}}}', '"fast"'],
  ["an alias with an empty list", '{"models":{"fast":[]}}', '"fast"'],
  ["an alias without a backend", '{"models":{"fast":[{}]}}', '"fast"'],
  ["no limits", '{"models":{}}', "limits.defaultMaxTokens"],
])("does not start with %s in models.json, and says why", async (_, content, words) => {
  const part = await copyOf(
    bundle,
    Object.keys(bundle.outputs).map((path) => basename(path)),
  );
  const file = join(part.folder, "models.json");
  await (content === undefined ? rm(file) : writeFile(file, content));
  const fn = startFunction(part.folder);
  await expect(fn.invoke({ prompt: "Hello" })).rejects.toThrow(words);
  await fn.stop();
  await part.remove();
});
