// What a new user types wrong, and what is suggested.
import { describe, expect, test } from "vitest";
import { runHere } from "../support/run-here.ts";

async function told(line: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runHere(line, { cwd: "/", env });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  const [, error, hint] = /^error: (.*)\nhint: (.*)\n$/.exec(stderr) ?? [];
  return { error, hint };
}

test.each([
  ["plan", "deploy --dry-run"],
  ["apply", "deploy"],
  ["up", "deploy"],
  ["down", "destroy"],
  ["delete", "destroy"],
  ["remove", "destroy"],
  ["rm", "destroy"],
  ["undeploy", "destroy"],
  ["tail", "logs"],
  ["ls", "list"],
  ["start", "dev"],
  ["stop", "local stop"],
  ["version", "--version"],
])("%s is another tool's word for: %s", async (word, ours) => {
  const expected = { error: `unknown command '${word}'`, hint: `Did you mean ${ours}?` };
  expect(await told([word])).toEqual(expected);
  expect(await told(["help", word])).toEqual(expected);
});

test.each(["nope", "Hello", "foo", "get"])("%s is near no command", async (word) => {
  expect((await told([word])).hint).toBe("llm-gw --help lists the commands.");
});

test.each([
  [["local", "sotp"], 'local "sotp": has to be stop, if anything', "Did you mean local stop?"],
  [["local", "start"], 'local "start": has to be stop, if anything', "llm-gw local --help shows what it takes."],
  [["completion", "bsh"], 'completion "bsh": has to be one of bash, zsh, fish', "Did you mean completion bash?"],
  [
    ["completion", "tcsh"],
    'completion "tcsh": has to be one of bash, zsh, fish',
    "llm-gw completion --help shows what it takes.",
  ],
  [["completion"], "completion needs a shell: bash, zsh, fish", "llm-gw completion --help shows what it takes."],
  [["init", "--template", "pyhton"], '--template "pyhton": has to be one of handler, python', "Did you mean python?"],
  [["local", "--port", "x"], '--port "x": has to be a whole number', "llm-gw local --help shows what it takes."],
  [["logs", "--follow=yes"], "--follow takes no value", "Did you mean --follow?"],
  [["dev", "--local"], "unknown option '--local'", "Leave it out: dev always uses a local AWS of its own."],
  [["invoke", "--prompt"], "--prompt needs a value", "llm-gw invoke --help shows what it takes."],
])("%j", async (line, error, hint) => {
  expect(await told(line)).toEqual({ error, hint });
});

test.each([
  [["Hello"], '--prompt "Hello"'],
  [["Hello", "world"], '--prompt "Hello world"'],
  [["--prompt", "Hello", "world"], '--prompt "Hello world"'],
  [['say "$x"'], '--prompt "..."'],
])("invoke with a prompt that is no flag's: %j", async (words, meant) => {
  expect(await told(["invoke", "--local", ...words])).toEqual({
    error: "invoke takes no word beside its flags",
    hint: `Did you mean ${meant}?`,
  });
});

test.each([
  [["--local", "deploy"], "llm-gw deploy --local"],
  [["--region", "eu-west-1", "deploy"], "llm-gw deploy --region ..."],
  [["--verbose"], "llm-gw COMMAND --verbose"],
])("a flag before the command: %j", async (line, right) => {
  expect((await told(line)).hint).toBe(`Flags come after the command: ${right}`);
});

test("the line it suggests is called as the user calls it", async () => {
  const { hint } = await told(["--local", "deploy"], { npm_command: "exec" });
  expect(hint).toBe("Flags come after the command: npx llm-gw deploy --local");
});

test.each([
  [["--env=KEY=canary-1", "deploy"]],
  [["--env", "KEY=canary-1", "deploy"]],
  [["deploy", "--evn=KEY=canary-1"]],
  [["deploy", "--env", "KEY=", "canary-1"]],
])("a value that may be a secret is not repeated: %j", async (line) => {
  const { stderr } = await runHere(line, { cwd: "/", env: {} });
  expect(stderr).toMatch(/^error: .*\nhint: /);
  expect(stderr).not.toContain("canary");
});

describe("a variable that llm-gw does not read", () => {
  const warned = async (env: Record<string, string>, line: readonly string[] = ["completion", "bash"]) => {
    const { stderr } = await runHere(line, { cwd: "/", env });
    return stderr;
  };

  test.each([
    ["LLM_GW_REGOIN", "AWS_REGION"],
    ["LLM_GW_REGION", "AWS_REGION"],
    ["LLM_GW_MEMROY", "LLM_GW_MEMORY"],
    ["LLM_GW_PORT", "LLM_GW_LOCAL_PORT"],
    ["LLM_GW_PROFILE", "AWS_PROFILE"],
    ["LLM_GW_ROUTES", "--route"],
  ])("%s: a warning that suggests %s", async (name, meant) => {
    const warning = `warning: ${name} is set, but llm-gw reads no such variable; did you mean ${meant}?\n`;
    expect(await warned({ [name]: "x" })).toBe(warning);
  });

  test("one that is near none", async () => {
    const warning = "warning: LLM_GW_XYZ is set, but llm-gw reads no such variable\n";
    expect(await warned({ LLM_GW_XYZ: "x" })).toBe(warning);
  });

  test("no word of one that is read, that is empty, or that --env passes on", async () => {
    expect(await warned({ LLM_GW_LOCAL_PORT: "4577", LLM_GW_NAME: "a", LLM_GW_XYZ: "", OTHER: "x" })).toBe("");
    const line = ["deploy", "--env", "LLM_GW_KEY", "--memory", "1"];
    expect(await warned({ LLM_GW_KEY: "x" }, line)).not.toContain("warning");
  });
});
