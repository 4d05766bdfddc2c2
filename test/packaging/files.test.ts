import { once } from "node:events";
import { chmodSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { listFiles } from "../../src/packaging/files.ts";
import { tempFolder } from "./temp-folder.ts";

async function names(folder: string): Promise<string[]> {
  return (await listFiles(folder)).map(({ name }) => name).sort();
}

describe("what is left out", () => {
  test("is fixed for version control, caches and our own state, at any depth", async () => {
    const folder = tempFolder({
      "app.py": "",
      ".git/config": "",
      "sub/.git": "gitdir: elsewhere",
      "sub/__pycache__/a.pyc": "",
      ".llm-gw/x.json": "",
      "node_modules/.cache/x": "",
      "sub/node_modules/.cache/x": "",
      "node_modules/a/index.js": "",
      ".cache/kept": "",
      ".gitignore": "app.py",
    });
    expect(await names(folder)).toEqual([".cache/kept", ".gitignore", "app.py", "node_modules/a/index.js"]);
  });

  test("is what .llmgwignore says, in gitignore syntax", async () => {
    const folder = tempFolder({
      ".llmgwignore": "\uFEFF# comment\r\n*.log\r\n!keep.log\r\n/build/\r\n!.git\r\nDocs\r\n",
      "a.log": "",
      "sub/keep.log": "",
      "build/x": "",
      "sub/build/x": "",
      "docs/x": "",
      ".git/config": "",
      "sub/.llmgwignore": "x",
    });
    expect(await names(folder)).toEqual(["docs/x", "sub/.llmgwignore", "sub/build/x", "sub/keep.log"]);
  });
});

describe("links", () => {
  test("inside the folder are followed, to files and to folders", async () => {
    const folder = tempFolder({ "lib/a.txt": "12345", "lib/deep/b.txt": "" });
    symlinkSync("lib", join(folder, "alias"), "dir");
    symlinkSync("../a.txt", join(folder, "lib/deep/c.txt"));
    const files = await listFiles(folder);
    expect(await names(folder)).toEqual([
      "alias/a.txt",
      "alias/deep/b.txt",
      "alias/deep/c.txt",
      "lib/a.txt",
      "lib/deep/b.txt",
      "lib/deep/c.txt",
    ]);
    expect(files.find(({ name }) => name === "alias/deep/c.txt")?.size).toBe(5);
  });

  test("may lead to the folder that is packaged", async () => {
    const folder = tempFolder({ "app/a.txt": "" });
    symlinkSync("app", join(folder, "current"), "dir");
    expect(await names(join(folder, "current"))).toEqual(["a.txt"]);
  });

  test.each([
    ["broken", "nowhere", /link x is broken/],
    ["outside", "..", /link x leaves the folder/],
    ["to itself", "x", /link x is broken/],
    ["to what contains it", ".", /link x leads back/],
  ])("that are bad (%s) are named", async (_, target, message) => {
    const folder = tempFolder({ "a.txt": "" });
    symlinkSync(target, join(folder, "x"));
    await expect(listFiles(folder)).rejects.toMatchObject({
      code: "CodeUnreadable",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/llmgwignore/),
    });
  });

  test("that are bad can be left out, also as folders", async () => {
    const folder = tempFolder({ ".llmgwignore": "venv/\nx\n", "a.txt": "" });
    symlinkSync("..", join(folder, "venv"));
    symlinkSync("nowhere", join(folder, "x"));
    expect(await names(folder)).toEqual(["a.txt"]);
  });

  test("in a circle end", async () => {
    const folder = tempFolder({ "a/1": "", "b/2": "" });
    symlinkSync("../b", join(folder, "a/to-b"));
    symlinkSync("../a", join(folder, "b/to-a"));
    await expect(listFiles(folder)).rejects.toMatchObject({ message: expect.stringMatching(/leads back/) });
  });
});

test("a socket is an error that names it", async (context) => {
  if (process.platform === "win32") return context.skip("Windows has no sockets in folders");
  const folder = tempFolder({ "a.txt": "" });
  const server = createServer().listen(join(folder, "socket"));
  onTestFinished(() => void server.close());
  await once(server, "listening");
  await expect(listFiles(folder)).rejects.toMatchObject({
    code: "CodeUnreadable",
    message: expect.stringMatching(/socket: it is a socket/),
  });
});

test("a .llmgwignore that cannot be read is an error that names it", async () => {
  const folder = tempFolder({ "a.txt": "", ".llmgwignore/x": "" });
  await expect(listFiles(folder)).rejects.toMatchObject({
    code: "CodeUnreadable",
    message: expect.stringMatching(/\.llmgwignore/),
  });
});

test("a folder that may not be read is an error that names it", async (context) => {
  if (process.platform === "win32" || process.getuid?.() === 0)
    return context.skip("permissions do not bind this user");
  const folder = tempFolder({ "secret/a.txt": "" });
  chmodSync(join(folder, "secret"), 0);
  await expect(listFiles(folder)).rejects.toMatchObject({
    code: "CodeUnreadable",
    message: expect.stringMatching(/secret/),
  });
});
