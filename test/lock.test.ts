import { fork } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { systemClock } from "../src/clock.ts";
import { withLock } from "../src/lock.ts";
import { temporaryFolder } from "./support/cli.ts";

const io = { clock: systemClock };
const DEAD = { pid: 2 ** 22 + 1, host: hostname(), since: "2026-01-01T00:00:00.000Z", token: "dead" };

test("holds while the work runs, and leaves nothing but the .gitignore", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "state.json");
  const names = await withLock(path, io, async () => {
    await expect(withLock(path, io, async () => undefined)).rejects.toMatchObject({ code: "Locked" });
    return readdir(folder);
  });
  expect(names).toEqual([".gitignore", "state.json.lock"]);
  expect(await readdir(folder)).toEqual([".gitignore"]);
});

test("is freed when the work fails", async () => {
  const path = join(await temporaryFolder(), "state.json");
  await expect(withLock(path, io, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await withLock(path, io, async () => "yes")).toBe("yes");
});

test("a lock of another machine is not broken, and says where it comes from", async () => {
  const path = join(await temporaryFolder(), "state.json");
  await writeFile(`${path}.lock`, JSON.stringify({ ...DEAD, host: "elsewhere" }));
  await expect(withLock(path, io, async () => undefined)).rejects.toMatchObject({
    code: "Locked",
    hint: expect.stringContaining("delete"),
  });
});

test("many processes that find a dead one's lock never hold it together", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "state.json");
  const program = join(folder, "worker.mjs");
  await build({
    stdin: {
      contents: `import { open, rm } from "node:fs/promises";
        import { withLock } from "./src/lock.ts";
        const clock = { now: () => Date.now() };
        process.on("message", async () => {
          const outcome = await withLock(process.argv[2], { clock }, async () => {
            // Fails when another one is inside.
            await (await open(process.argv[2] + ".inside", "wx")).close();
            await rm(process.argv[2] + ".inside");
            return "held";
          }).catch((error) => error.code);
          process.send(outcome);
          process.disconnect();
        });
        process.send("ready");`,
      resolveDir: join(import.meta.dirname, ".."),
      loader: "ts",
    },
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  const workers = Array.from({ length: 8 }, () => fork(program, [path]));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  await writeFile(`${path}.lock`, JSON.stringify(DEAD));
  const outcomes = workers.map(async (worker) => {
    worker.send("go");
    const [outcome] = await once(worker, "message");
    return outcome;
  });
  const ended = await Promise.all(outcomes);
  expect(ended.filter((outcome) => outcome !== "held" && outcome !== "Locked")).toEqual([]);
  expect(ended).toContain("held");
  expect((await readdir(folder)).toSorted()).toEqual([".gitignore", "worker.mjs"]);
});
