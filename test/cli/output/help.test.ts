// Help of every command, and the answers to command lines that are none.
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/cli.ts";
import { type Output, runHere } from "../../support/run-here.ts";
import { shown } from "./outputs.ts";

async function transcript(output: Output): Promise<string> {
  const cwd = await temporaryFolder();
  const run = async (...args: string[]) => {
    return shown(args, await runHere(args, { cwd, env: {}, output }));
  };
  const list = (await runHere(["--help"], { cwd, env: {} })).stdout;
  const names = [...list.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name = ""]) => name);
  expect(names).toEqual(expect.arrayContaining(["deploy", "destroy", "help", "invoke", "local", "status"]));
  const helps = names.filter((name) => name !== "help").map((name) => () => run(name, "--help"));
  const others = [
    [],
    ["help", "deplay"],
    ["deploy", "--profile", "--dry-run"],
    ["--help"],
    ["deplay"],
    ["deploy", "--memroy", "5"],
    ["deploy", "--dry-run", "extra"],
  ];
  const parts: string[] = [];
  for (const part of [...others.map((args) => () => run(...args)), ...helps]) parts.push(await part());
  return parts.join("\n");
}

test("piped, with 80 columns", async () => {
  await expect(await transcript("piped")).toMatchFileSnapshot("snapshots/help-piped.txt");
});

test("a terminal of 80 columns shows the same, without colours and with: in red and cyan is only what begins a line", async () => {
  const piped = await transcript("piped");
  const plain = await transcript({ columns: 80, colours: false });
  const coloured = await transcript({ columns: 80, colours: true });
  const words = (text: string) => text.split(/\s+/);
  expect(words(plain)).toEqual(words(piped));
  expect(coloured.replaceAll(/^\{(red|cyan)\}(error:|hint:)\{\}/gm, "$2")).toBe(plain);
});

test("a narrow terminal", async () => {
  const narrow = await transcript({ columns: 40, colours: false });
  await expect(narrow).toMatchFileSnapshot("snapshots/help-narrow.txt");
});

test("--version is one line", async () => {
  const { stdout, stderr, code } = await runHere(["--version"], { cwd: "/", env: {} });
  expect({ stdout, stderr, code }).toEqual({ stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "", code: 0 });
});
