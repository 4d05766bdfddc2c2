import { mkdir, readdir, readFile, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GetRolePolicyCommand } from "@aws-sdk/client-iam";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { schemaPath } from "../../src/commands/init-config.ts";
import { clients } from "../support/account.ts";
import { llmGw, llmGwJson } from "../support/cli.ts";
import { aws, folder, oneAwsForAllTests } from "../support/fixture.ts";
import { isInstalled } from "../support/is-installed.ts";

oneAwsForAllTests();

describe("what init writes is deployed and answers", () => {
  const python: [string, string[], string[], string] = [
    "--template python",
    ["--template", "python"],
    ["app/", "llm-gw.json"],
    "You said: Hello\n",
  ];
  test.each([
    ["a configuration alone", [], ["llm-gw.json"], "[echo of the local AWS] Hello\n"],
    ...(isInstalled("python3") ? [python] : []),
  ])("%s", async (_, flags, files, answer) => {
    const run = await llmGw(folder, aws.env, ["init", ...flags]);
    expect(run).toEqual({
      code: 0,
      stdout: "llm-gw deploy --local\n",
      stderr: files.map((file) => `+ ${file}\n`).join(""),
    });
    await llmGwJson(folder, aws.env, ["deploy"]);
    expect((await llmGw(folder, aws.env, ["invoke", "--prompt", "Hello"])).stdout).toBe(answer);
    await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
  });
});

test("--template handler: a copy of the built-in function that works, and works otherwise once it is edited", async () => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  const role = await rolePolicy("llm-gw");
  await llmGwJson(folder, aws.env, ["destroy", "--yes"]);

  expect((await llmGwJson(folder, aws.env, ["init", "--template", "handler"])).files).toEqual([
    "handler/",
    "llm-gw.json",
  ]);
  const { name, routes } = await llmGwJson(folder, aws.env, ["deploy"]);
  expect(routes.length).toBeGreaterThan(1);
  expect(await rolePolicy(name)).toEqual(role);
  for (const via of ["http", "lambda"]) {
    const run = await llmGw(folder, aws.env, ["invoke", "--via", via, "--prompt", "Hello"]);
    expect(run).toMatchObject({ code: 0, stdout: "[echo of the local AWS] Hello\n" });
  }

  await writeFile(
    join(folder, "handler", "index.js"),
    `export const handler = async ({ prompt }) => ({ output: prompt ?? "mine" });`,
  );
  expect(await llmGwJson(folder, aws.env, ["deploy"])).toMatchObject({ summary: { updated: 1 } });
  expect((await llmGw(folder, aws.env, ["invoke", "--prompt", "Hello"])).stdout).toBe("mine\n");
  // The bare body, as the built-in function gets it: with API Gateway's envelope it would keep to API Gateway's limit.
  expect((await llmGw(folder, aws.env, ["invoke", "--via", "lambda", "--prompt", "Hello"])).stdout).toBe("Hello\n");
  await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
});

test("a copy without models is refused, unless it brings its own", async () => {
  await llmGwJson(folder, aws.env, ["init", "--template", "handler"]);
  await unlink(join(folder, "llm-gw.json"));
  const deploy = ["deploy", "--code", "handler", "--runtime", "nodejs24.x", "--handler", "index.handler"];
  const run = await llmGw(folder, aws.env, deploy);
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr).toMatch(/copy of the built-in function, and no models are configured.*\nhint: Put "models" into/);
  expect(await aws.mutations()).toEqual([]);
  await writeFile(join(folder, "handler", "models.json"), "{}");
  expect(await llmGw(folder, aws.env, [...deploy, "--dry-run"])).toMatchObject({ code: 0 });
});

/** What the function's role may do. */
async function rolePolicy(gateway: string): Promise<string | undefined> {
  const names = { RoleName: `${gateway}-prod-eu-west-1`, PolicyName: "llm-gw" };
  return (await clients(aws).iam.send(new GetRolePolicyCommand(names))).PolicyDocument;
}

describe("models of a copy are not added", () => {
  test.each([
    [
      "to a zip",
      "app.zip",
      zipSync({ "index.mjs": Buffer.from("") }),
      /models\.json .*app\.zip: a zip is taken as it is/,
    ],
    ["beside others", "app/models.json", Buffer.from("{}"), /models\.json .*app: there is one already/],
  ])("%s", async (_, path, content, message) => {
    const code = path.split("/", 1)[0];
    await mkdir(join(folder, "app"));
    await writeFile(join(folder, "app", "index.mjs"), "");
    await writeFile(join(folder, path), content);
    const own = { code, runtime: "nodejs24.x", handler: "index.handler" };
    await writeFile(join(folder, "llm-gw.json"), JSON.stringify({ function: own, models: { default: "echo:" } }));
    const run = await llmGw(folder, aws.env, ["deploy"]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(message);
  });
});

test("a configuration alone changes nothing about what is deployed without one", async () => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  await llmGwJson(folder, aws.env, ["init"]);
  expect(await llmGwJson(folder, aws.env, ["status"])).toMatchObject({ upToDate: true });
  await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
});

describe("the gateway is named after the folder", () => {
  test.each([
    ["search", "search"],
    ["My Project_2", "my-project-2"],
    ["Büro", "buro"],
    ["--2024.chat--", "chat"],
    ["2024", "llm-gw"],
    ["聊天", "llm-gw"],
    [`${"a".repeat(31)}-${"b".repeat(31)}`, "a".repeat(31)],
  ])("%s: %s", async (given, name) => {
    const cwd = join(folder, given);
    await mkdir(cwd);
    await llmGwJson(cwd, aws.env, ["init"]);
    expect(await llmGwJson(cwd, aws.env, ["deploy", "--dry-run", "--region", "ap-southeast-1"])).toMatchObject({
      name,
    });
  });

  test("unless one without a name was deployed from there; what is on the local AWS does not count", async () => {
    const cwd = join(folder, "search");
    await mkdir(cwd);
    const config = join(cwd, "llm-gw.json");
    await llmGwJson(cwd, { LLM_GW_LOCAL_PORT: new URL(aws.url).port }, ["deploy", "--local"]);
    await llmGwJson(cwd, aws.env, ["init"]);
    expect(await readFile(config, "utf8")).toContain('"name": "search",');
    await unlink(config);
    await llmGwJson(cwd, aws.env, ["deploy"]);
    await llmGwJson(cwd, aws.env, ["init"]);
    expect(await readFile(config, "utf8")).toContain('"name": "llm-gw",');
  });
});

describe("$schema", () => {
  const config = async (cwd: string) => {
    await llmGwJson(cwd, {}, ["init", "--template", "python"]);
    return readFile(join(cwd, "llm-gw.json"), "utf8");
  };
  const linked = async (cwd: string) => {
    await mkdir(join(cwd, "node_modules"));
    await symlink(process.cwd(), join(cwd, "node_modules", "llm-gw"));
  };

  test.each([
    ["in the project", ".", "./node_modules/llm-gw/llm-gw.schema.json"],
    ["above it", "packages/a", "../../node_modules/llm-gw/llm-gw.schema.json"],
  ])("leads to the schema of an installation %s", async (_, project, path) => {
    await linked(folder);
    const cwd = join(folder, project);
    await mkdir(cwd, { recursive: true });
    expect(await config(cwd)).toContain(`\n  "$schema": "${path}",\n`);
    expect(JSON.parse(await readFile(join(cwd, path), "utf8"))).toMatchObject({ title: "llm-gw.json" });
    expect(await llmGw(cwd, aws.env, ["deploy", "--dry-run"])).toMatchObject({ code: 0 });
  });

  test.each([
    ["after npm link, with npx or from a clone", async () => undefined],
    [
      "beside an installation that is gone",
      async () => {
        await mkdir(join(folder, "node_modules"));
        await symlink("nowhere", join(folder, "node_modules", "llm-gw"));
      },
    ],
  ])("is left to later %s, instead of leading nowhere", async (_, prepare) => {
    await prepare();
    expect(await config(folder)).toMatch(
      /once llm-gw is installed in the project\.\n {2}\/\/ "\$schema": "\.\/node_modules\/llm-gw\/llm-gw\.schema\.json",\n/,
    );
    expect(await llmGw(folder, aws.env, ["deploy", "--dry-run"])).toMatchObject({ code: 0 });
  });

  test.each([
    ["the project itself", "/p", "/p/tools/s.json", "./tools/s.json"],
    ["a clone elsewhere", "/p", "/home/me/clone/s.json", undefined],
    ["a cache of npx in the project", "/p", "/p/.npm/_npx/1/node_modules/llm-gw/s.json", undefined],
  ])("%s: %s names %s as it is for everybody", async (_, from, to, expected) => {
    expect(await schemaPath(from, to)).toBe(expected);
  });
});

describe("what is there already stays, and nothing is written beside it", () => {
  test.each([
    ["a file", "llm-gw.json", (path: string) => writeFile(path, "mine")],
    ["a link that leads nowhere", "llm-gw.json", (path: string) => symlink("nowhere", path)],
    ["a folder", "app", (path: string) => mkdir(path)],
  ])("%s", async (_, name, make) => {
    await make(join(folder, name));
    const run = await llmGw(folder, {}, ["init", "--template", "python"]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(new RegExp(`^error: ${name} exists already; nothing was written\nhint: `));
    expect(await readdir(folder)).toEqual([name]);
  });
});
