// A disk that is full, fills up, or may not be written. Each needs a file system of its own, which not everybody may mount.
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { describeAccount } from "../matrix/account.ts";
import { inWorld, type World } from "../matrix/world.ts";
import {
  COMMANDS,
  CONFIG,
  deployed,
  deploysAChange,
  errorOf,
  oneGatewayForAllTests,
  refuses,
  remembersAll,
  withGateway,
} from "./state-fixture.ts";

oneGatewayForAllTests();

test("a full disk: nothing is begun", async (context) => {
  await withGateway(async (world) => {
    // One page, which the .gitignore takes.
    await onDisk(context, world, "size=4k", async () => {
      for (const command of ["deploy", "destroy"] as const) await refuses(world, command, "StateUnwritable");
      const { message } = errorOf(await world.run(COMMANDS.deploy));
      expect(message).toMatch(/cannot be written: the disk is full$/);
    });
    await deploysAChange(world);
  });
});

test("a disk that fills up during the run: the next one finds what was made", async (context) => {
  await inWorld(undefined, async (world) => {
    await world.configure(CONFIG);
    await onDisk(context, world, "size=8k", async (remount) => {
      const run = await world.run(COMMANDS.deploy);
      expect(errorOf(run)).toMatchObject({
        code: "StateUnwritable",
        message: expect.stringMatching(/cannot be written: the disk is full$/),
      });
      expect([...(await world.stateFiles()).keys()]).toEqual([".gitignore"]);
      remount("size=1m");
      const { summary } = JSON.parse((await world.run(COMMANDS.deploy)).stdout);
      expect(summary.unchanged).toBeGreaterThan(0);
      expect(describeAccount(world.aws.save())).toEqual(describeAccount(deployed.account));
      await remembersAll(world);
    });
  });
});

test("a disk that may not be written: what only reads works", async (context) => {
  await withGateway(async (world, path) => {
    await onDisk(context, world, "size=1m", async (remount) => {
      await writeFile(path, deployed.text);
      remount("ro");
      for (const command of ["deploy", "destroy"] as const) await refuses(world, command, "StateUnwritable");
      const { message } = errorOf(await world.run(COMMANDS.destroy));
      expect(message).toMatch(/cannot be written: the file system is read-only$/);
      const status = await world.run(COMMANDS.status);
      expect(JSON.parse(status.stdout)).toMatchObject({ upToDate: true, summary: { unchanged: 13 } });
      expect(await world.run(COMMANDS.invoke)).toMatchObject({ code: 0, stderr: "" });
      remount("rw");
      await deploysAChange(world);
    });
  });
});

/** With a file system of its own in the place of the state folder. */
async function onDisk(
  context: TestContext,
  { folder }: World,
  options: string,
  work: (remount: (options: string) => void) => Promise<void>,
): Promise<void> {
  const path = join(folder, ".llm-gw");
  await mkdir(path, { recursive: true });
  const mount = (all: string) => execFileSync("mount", ["-t", "tmpfs", "-o", all, "tmpfs", path], { stdio: "ignore" });
  try {
    mount(options);
  } catch {
    return context.skip("this user may not mount a file system");
  }
  try {
    await work((changed) => void mount(`remount,${changed}`));
  } finally {
    execFileSync("umount", ["-l", path]);
  }
}
