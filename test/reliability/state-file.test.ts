// A state file whose content is damaged: an error that says what to do, never "nothing deployed".
import { mkdir, readFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openState, statePath } from "../../src/state.ts";
import { temporaryFolder } from "../support/cli.ts";
import {
  COMMANDS,
  deployed,
  errorOf,
  oneGatewayForAllTests,
  refuses,
  remembersAll,
  withGateway,
} from "./state-fixture.ts";

oneGatewayForAllTests();

const io = { clock: systemClock };

test("cut off at any byte", async () => {
  await inFolder(deployed.text, async (place) => {
    for (let bytes = deployed.text.trimEnd().length - 1; bytes >= 0; bytes--) {
      await truncate(statePath(place), bytes);
      const outcome = await openState(place, io).catch((error) => error);
      expect(outcome, `${bytes} bytes`).toMatchObject({
        code: "StateCorrupt",
        hint: expect.stringMatching(/move it/),
      });
    }
  });
});

test("another value anywhere is refused, or makes no difference", async () => {
  const accepted = new Map<string, string>();
  await inFolder(deployed.text, async (place) => {
    for (const text of mutations(deployed.text)) {
      await writeFile(statePath(place), text);
      const outcome = await openState(place, io).catch((error) => error);
      // Whatever else it holds is told to nobody.
      if ("hints" in outcome)
        accepted.set(JSON.stringify([outcome.identity, outcome.updatedAt, ...outcome.hints]), text);
      else expect(["StateCorrupt", "StateTooNew", "OtherGateway"], text).toContain(outcome.code);
    }
  });
  expect(accepted.size).toBeGreaterThan(30);
  await withGateway(async (world, path) => {
    for (const text of accepted.values()) {
      await writeFile(path, text);
      const run = await world.run(COMMANDS.deploy);
      if (run.code !== 0) expect(errorOf(run), text).toMatchObject({ code: "OtherAccount" });
      else expect(JSON.parse(run.stdout), text).toMatchObject({ summary: { unchanged: 13 }, calls: { mutating: 0 } });
      await writeFile(path, text);
      const looked = await world.run(COMMANDS.status);
      if (run.code !== 0) expect(errorOf(looked), text).toMatchObject({ code: "OtherAccount" });
      else expect(JSON.parse(looked.stdout), text).toMatchObject({ summary: { unchanged: 13 } });
    }
    await writeFile(
      path,
      deployed.text.replaceAll(/"(apiId|integrationId|routeId|deploymentId)": "[^"]*"/g, '"$1": "x"'),
    );
    expect((await world.run(COMMANDS.deploy)).code).toBe(0);
    await remembersAll(world);
  });
});

test.each([
  ["empty", "", "StateCorrupt"],
  ["no JSON", "<<<<<<< HEAD\n", "StateCorrupt"],
  ["nested without end", "[".repeat(1_000_000), "StateCorrupt"],
  ["of a newer version", '{"version":2}', "StateTooNew"],
])("%s: every command says what to do", async (_what, text, code) => {
  await withGateway(async (world, path) => {
    await writeFile(path, text);
    for (const command of ["deploy", "destroy", "status", "invoke"] as const) await refuses(world, command, code);
    expect(await readFile(path, "utf8")).toBe(text);
  });
});

test("of another account: every command says whose", async () => {
  await withGateway(async (world, path) => {
    for (const [from, to] of [
      ["000000000000", "111111111111"],
      ['"partition": "aws"', '"partition": "aws-cn"'],
    ] as const) {
      await writeFile(path, deployed.text.replaceAll(from, to));
      for (const command of ["deploy", "destroy", "status", "invoke"] as const) {
        await refuses(world, command, "OtherAccount");
      }
    }
  });
});

test("of a gateway whose name and stage make the same words: every command says whose, and leaves it", async () => {
  await withGateway(async (world, path) => {
    const text = deployed.text
      .replace('"name": "llm-gw"', '"name": "llm"')
      .replace('"stage": "prod"', '"stage": "gw-prod"');
    await writeFile(path, text);
    for (const command of ["deploy", "destroy", "status", "invoke"] as const) {
      await refuses(world, command, "OtherGateway");
    }
    expect(await readFile(path, "utf8")).toBe(text);
  });
});

test("of another region of the local AWS: not used", async () => {
  await inFolder(deployed.text.replace('"region": "us-east-1"', '"region": "eu-west-1"'), async (place) => {
    expect(await openState(place, io)).toMatchObject({ identity: undefined, updatedAt: undefined, hints: new Map() });
  });
});

test("once moved away as the hint says, everything is found again", async () => {
  await withGateway(async (world, path) => {
    await writeFile(path, deployed.text.slice(0, 100));
    await rename(path, join(world.folder, "damaged.json"));
    const run = await world.run(COMMANDS.deploy);
    expect(JSON.parse(run.stdout)).toMatchObject({ summary: { unchanged: 13 }, calls: { mutating: 0 } });
    await remembersAll(world);
  });
});

/** A folder with this state in it. */
async function inFolder<T>(text: string, work: (place: Parameters<typeof openState>[0]) => Promise<T>): Promise<T> {
  const directory = await temporaryFolder();
  const place = { directory, name: "llm-gw", stage: "prod", region: "us-east-1", local: true };
  await mkdir(join(directory, ".llm-gw"));
  await writeFile(statePath(place), text);
  return work(place);
}

/** The JSON with every value in it replaced by others, and left out. */
function mutations(text: string): string[] {
  const paths: string[][] = [];
  const walk = (value: unknown, path: string[]): void => {
    paths.push(path);
    if (typeof value !== "object" || value === null) return;
    for (const [key, item] of Object.entries(value)) walk(item, [...path, key]);
  };
  walk(JSON.parse(text), []);
  return paths.flatMap((path) => [
    ...[null, true, 7, "", "x", [], {}].map((value) => changed(text, path, () => value)),
    ...(path.length === 0 ? [] : [changed(text, path, () => undefined)]),
  ]);
}

function changed(text: string, path: readonly string[], change: (value: unknown) => unknown): string {
  const [first, ...rest] = path;
  const value = JSON.parse(text);
  if (first === undefined) return JSON.stringify(change(value));
  const inner = changed(JSON.stringify(value[first]), rest, change);
  return JSON.stringify({ ...value, [first]: inner === undefined ? undefined : JSON.parse(inner) });
}
