// A file system without hard links, as exFAT is: its folder can be written, and the lock cannot be taken.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { withLock } from "../../src/lock.ts";
import { temporaryFolder } from "../support/cli.ts";

vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof import("node:fs/promises")>()),
  link: async () => {
    const reason = "EPERM: operation not permitted, link 'a' -> 'b'";
    throw Object.assign(new Error(reason), { code: "EPERM", syscall: "link" });
  },
}));

test("the error names them, and nothing is left", async () => {
  const folder = await temporaryFolder();
  const waiter = { clock: systemClock, signal: new AbortController().signal, waiting: () => () => undefined };
  await expect(withLock(join(folder, "state.json"), waiter, async () => undefined)).rejects.toMatchObject({
    code: "StateUnwritable",
    message: expect.stringContaining("hard links fail there"),
    hint: expect.stringContaining("file system that has hard links"),
  });
  expect(await readdir(folder)).toEqual([".gitignore"]);
});
