// Something else in the place of the state file or its folder, and what goes away while a run goes on.
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeAccount } from "../matrix/account.ts";
import { inWorld, type World } from "../matrix/world.ts";
import {
  CHANGED,
  COMMANDS,
  CONFIG,
  deployed,
  deploysAChange,
  oneGatewayForAllTests,
  refuses,
  remembersAll,
  STATE,
  withGateway,
} from "./state-fixture.ts";

oneGatewayForAllTests();

describe("something else in its place", () => {
  test.each<[string, (path: string) => unknown]>([
    ["a folder", (path) => mkdir(path)],
    ["a pipe", (path) => execFileSync("mkfifo", [path])],
    ["a device that never ends", (path) => symlink("/dev/zero", path)],
    ["a link to itself", (path) => symlink(STATE, path)],
  ])("%s is refused by every command", async (_what, place) => {
    await withGateway(async (world, path) => {
      await rm(path);
      await place(path);
      for (const command of ["deploy", "destroy", "status", "invoke"] as const) {
        await refuses(world, command, "StateUnreadable");
      }
    });
  });

  test("a link is read, and replaced without touching what it leads to", async () => {
    await withGateway(async (world, path) => {
      const target = join(world.folder, "kept-elsewhere.json");
      await rename(path, target);
      await symlink(target, path);
      await deploysAChange(world);
      await remembersAll(world);
      expect((await world.run(COMMANDS.destroy)).code).toBe(0);
      expect(describeAccount(world.aws.save())).toEqual([]);
      expect(await readFile(target, "utf8")).toBe(deployed.text);
    });
  });

  test("a link to nothing is a state that is lost", async () => {
    await withGateway(async (world, path) => {
      await rm(path);
      await symlink(join(world.folder, "nowhere"), path);
      await deploysAChange(world);
      await remembersAll(world);
    });
  });

  test("a folder that is a link is used, and stays", async () => {
    await withGateway(async (world) => {
      const link = join(world.folder, ".llm-gw");
      await rename(link, join(world.folder, "elsewhere"));
      await symlink("elsewhere", link);
      await deploysAChange(world);
      expect((await world.run(COMMANDS.destroy)).code).toBe(0);
      expect(await readlink(link)).toBe("elsewhere");
      expect(await readdir(link)).toEqual([".gitignore"]);
    });
  });

  test("a file in the folder's place", async () => {
    await withGateway(async (world) => {
      await world.setStateFiles(new Map());
      await writeFile(join(world.folder, ".llm-gw"), "a file");
      for (const command of ["deploy", "destroy"] as const) await refuses(world, command, "StateUnwritable");
      for (const command of ["status", "invoke"] as const) await refuses(world, command, "StateUnreadable");
    });
  });

  test("a folder that is a link to nothing", async () => {
    await withGateway(async (world) => {
      await world.setStateFiles(new Map());
      await symlink("nowhere", join(world.folder, ".llm-gw"));
      for (const command of ["deploy", "destroy"] as const) await refuses(world, command, "Locked");
      expect(JSON.parse((await world.run(COMMANDS.status)).stdout)).toMatchObject({ summary: { unchanged: 13 } });
    });
  });

  test("a link where an earlier run wrote its temporary file is not written through", async () => {
    await withGateway(async (world, path) => {
      const precious = join(world.folder, "precious");
      await writeFile(precious, "precious");
      await symlink(precious, `${path}.tmp`);
      await deploysAChange(world);
      expect(await readFile(precious, "utf8")).toBe("precious");
      expect([...(await world.stateFiles()).keys()].toSorted()).toEqual([".gitignore", STATE, `${STATE}.tmp`]);
    });
  });
});

/** Removes the state folder, into which the run may just write: rmSync itself does not look for what is new. */
function removeStateFolder({ folder }: World): void {
  for (let left = 10; ; left--) {
    try {
      rmSync(join(folder, ".llm-gw"), { recursive: true, force: true });
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

describe("gone while a run goes on", () => {
  test.each<[string, (world: World) => void]>([
    ["the file", (world) => rmSync(join(world.folder, ".llm-gw", STATE))],
    ["the folder with the lock", removeStateFolder],
  ])("%s", async (_what, remove) => {
    await withGateway(async (world) => {
      world.onLog = (line) => {
        if (!line.startsWith("lambda UpdateFunctionConfiguration")) return;
        world.onLog = () => undefined;
        remove(world);
      };
      await deploysAChange(world);
      world.onLog = () => undefined;
      await rm(join(world.folder, ".llm-gw"), { recursive: true, force: true });
      const again = await world.run(CHANGED);
      expect(JSON.parse(again.stdout)).toMatchObject({ summary: { unchanged: 13 }, calls: { mutating: 0 } });
    });
  });

  test("the folder, during a first deploy: it is whole at the end", async () => {
    await inWorld(undefined, async (world) => {
      await world.configure(CONFIG);
      let gone = 0;
      world.onLog = (line) => {
        if (!/CreateFunction|CreateStage/.test(line)) return;
        gone += 1;
        removeStateFolder(world);
      };
      expect((await world.run(COMMANDS.deploy)).code).toBe(0);
      expect(gone).toBe(2);
      await remembersAll(world);
    });
  });

  test("a lock that was removed by hand and taken by another process stays its", async () => {
    await withGateway(async (world, path) => {
      world.onLog = (line) => {
        if (line.startsWith("lambda UpdateFunctionConfiguration")) writeFileSync(`${path}.lock`, "another's");
      };
      await deploysAChange(world);
      expect(await readFile(`${path}.lock`, "utf8")).toBe("another's");
    });
  });
});
