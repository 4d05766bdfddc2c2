// Paths as Windows has them, tried anywhere: node:path is its win32 half, and node:fs a disk C: in memory.
import { expect, test, vi } from "vitest";
import { schemaPath } from "../../src/commands/init-config.ts";
import { loadGateway } from "../../src/config.ts";
import { listFiles } from "../../src/packaging/files.ts";
import { zipStream } from "../../src/packaging/zip.ts";
import { readZipDirectory } from "../../src/packaging/zip-directory.ts";
import { statePath } from "../../src/state.ts";

const ROOT = "C:\\work\\app";

const disk = vi.hoisted(() => ({
  /** Content by path. */
  files: new Map<string, string>(),
  /** Targets by path. */
  links: new Map<string, string>(),
}));

vi.mock("node:path", async (original) => {
  const { win32 } = await original<typeof import("node:path")>();
  return { ...win32, default: win32 };
});

vi.mock("node:fs", () => {
  const missing = (path: string) => Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
  const real = (path: string) => disk.links.get(path) ?? path;
  const paths = () => [...disk.files.keys(), ...disk.links.keys()];
  const entry = (folder: string, name: string) => ({
    name,
    isDirectory: () => paths().some((path) => path.startsWith(`${folder}\\${name}\\`)),
    isSymbolicLink: () => disk.links.has(`${folder}\\${name}`),
  });
  return {
    readdirSync(folder: string) {
      const below = paths().filter((path) => path.startsWith(`${folder}\\`));
      const names = new Set(below.map((path) => path.slice(folder.length + 1).split("\\", 1)[0] ?? ""));
      return [...names].map((name) => entry(folder, name));
    },
    realpathSync: real,
    statSync(path: string) {
      const content = disk.files.get(real(path));
      const isFile = content !== undefined;
      return { isFile: () => isFile, isDirectory: () => !isFile, size: content?.length ?? 0, mode: 0o666 };
    },
    readFileSync(path: string) {
      const content = disk.files.get(path);
      if (content === undefined) throw missing(path);
      return path.endsWith("ignore") ? content : Buffer.from(content);
    },
  };
});

vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof import("node:fs/promises")>()),
  async access(path: string) {
    if (!disk.files.has(path)) throw new Error(`ENOENT: ${path}`);
  },
}));

/** Puts exactly these onto the disk, by their name below the root. */
function onDisk(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}): void {
  disk.files.clear();
  disk.links.clear();
  for (const [name, content] of Object.entries(files)) disk.files.set(`${ROOT}\\${name}`, content);
  for (const [name, target] of Object.entries(links)) disk.links.set(`${ROOT}\\${name}`, target);
}

test("names in the package have slashes, and lead to the files they name", async () => {
  onDisk(
    { "app.py": "root", "pkg\\__init__.py": "", "pkg\\deep\\data.txt": "deep" },
    { "linked.py": `${ROOT}\\app.py` },
  );
  const files = await listFiles(ROOT);
  const found = Object.fromEntries(files.map(({ name, path }) => [name, path]));
  expect(found).toEqual({
    "app.py": "C:\\work\\app\\app.py",
    "linked.py": "C:\\work\\app\\app.py",
    "pkg/__init__.py": "C:\\work\\app\\pkg\\__init__.py",
    "pkg/deep/data.txt": "C:\\work\\app\\pkg\\deep\\data.txt",
  });
  const chunks: Uint8Array[] = [];
  const entries = files.map((file) => ({ name: file.name, executable: file.executable, source: file }));
  for await (const chunk of zipStream(entries)) chunks.push(chunk);
  const zip = Buffer.concat(chunks);
  expect([...readZipDirectory(zip).names].sort()).toEqual(Object.keys(found));
  expect(zip.includes("\\")).toBe(false);
});

test("what is left out is left out, at any depth", async () => {
  onDisk({
    ".llmgwignore": "*.log\r\n/build/\r\ndocs/private\r\n",
    "app.py": "",
    "a.log": "",
    "sub\\b.log": "",
    "build\\x": "",
    "sub\\build\\x": "",
    "docs\\private\\x": "",
    "docs\\open\\x": "",
    ".git\\config": "",
    "sub\\__pycache__\\a.pyc": "",
    "sub\\node_modules\\.cache\\x": "",
    ".llm-gw\\state.json": "",
  });
  const names = (await listFiles(ROOT)).map(({ name }) => name).sort();
  expect(names).toEqual(["app.py", "docs/open/x", "sub/build/x"]);
});

test.each(["D:\\elsewhere\\x.py", "C:\\work\\application\\x.py", "C:\\work\\x.py"])(
  "a link to %s leaves the folder",
  async (target) => {
    onDisk({ "app.py": "" }, { "x.py": target });
    disk.files.set(target, "");
    await expect(listFiles(ROOT)).rejects.toMatchObject({ code: "CodeUnreadable" });
  },
);

test("a configuration names the schema below its folder or in a node_modules above, and none on another drive", async () => {
  onDisk({ "node_modules\\llm-gw\\llm-gw.schema.json": "{}" });
  const installed = "node_modules/llm-gw/llm-gw.schema.json";
  expect(await schemaPath(ROOT, "D:\\clone\\s.json")).toBe(`./${installed}`);
  expect(await schemaPath(`${ROOT}\\packages\\a`, "D:\\clone\\s.json")).toBe(`../../${installed}`);
  expect(await schemaPath("C:\\work", "C:\\work\\tools\\s.json")).toBe("./tools/s.json");
  expect(await schemaPath("C:\\work", "D:\\llm-gw\\s.json")).toBeUndefined();
  expect(await schemaPath("C:\\work", "D:\\node_modules\\llm-gw\\s.json")).toBeUndefined();
});

test("code and state lie beside the configuration, under names that Windows takes", async () => {
  const flags = { code: "app", runtime: "python3.13", handler: "app.handler", region: "eu-west-1", stage: "a_B-9" };
  const gateway = await loadGateway(flags, { cwd: "C:\\work", env: {} }, async () => undefined);
  expect(gateway).toMatchObject({ directory: "C:\\work", function: { source: { path: ROOT } } });
  expect(statePath(gateway)).toBe("C:\\work\\.llm-gw\\llm-gw-a_B-9-eu-west-1.json");
  expect(statePath({ ...gateway, local: true })).toBe("C:\\work\\.llm-gw\\llm-gw-a_B-9-local.json");
  const other = await loadGateway({ ...flags, code: "D:\\x" }, { cwd: "C:\\work", env: {} }, async () => undefined);
  expect(other).toMatchObject({ function: { source: { path: "D:\\x" } } });
});
