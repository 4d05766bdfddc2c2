import { describe, expect, test } from "vitest";
import { addressed, invokeLine } from "../../src/commands/command-lines.ts";
import { curlLine } from "../../src/commands/endpoint.ts";

describe("the curl line", () => {
  const route = { routeKey: "POST /ask", method: "POST", url: "https://x.example/prod/ask", auth: "iam" } as const;
  const signing = {
    region: "eu-west-1",
    profile: undefined,
    user: undefined,
    hasSessionToken: false,
    areInEnvironment: true,
  };

  test("signs with the environment's credentials, which do not stand in it", () => {
    expect(curlLine(route, signing)).toBe(
      `curl -sS --aws-sigv4 aws:amz:eu-west-1:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -X POST https://x.example/prod/ask -H 'content-type: application/json' -d '{"prompt":"Hello"}'`,
    );
    expect(curlLine(route, { ...signing, hasSessionToken: true })).toContain(
      '-H "x-amz-security-token: $AWS_SESSION_TOKEN"',
    );
  });

  test("gets those of a profile from the AWS command line", () => {
    expect(curlLine(route, { ...signing, areInEnvironment: false, profile: "my work" })).toMatch(
      /^eval "\$\(aws configure export-credentials --profile 'my work' --format env\)" && curl /,
    );
  });

  test("has a body where the method has one, and waits for none after a HEAD", () => {
    const line = (method: string) => curlLine({ ...route, auth: "none", method }, signing);
    expect(line("PUT")).toMatch(/^curl -sS -X PUT https:\S+ -H .* -d '{"prompt":"Hello"}'$/);
    expect(line("GET")).toBe("curl -sS -X GET https://x.example/prod/ask");
    expect(line("HEAD")).toBe("curl -sS --head https://x.example/prod/ask");
  });

  test("of an open route does not sign", () => {
    expect(curlLine({ ...route, auth: "none" }, signing)).not.toContain("sigv4");
  });
});

test("the invoke line repeats the flags and the variable that name the gateway", () => {
  expect(invokeLine({ name: "a b", stage: "dev", verbose: true }, { env: { npm_command: "exec" } })).toBe(
    `npx llm-gw invoke --name 'a b' --stage dev --prompt "Hello"`,
  );
  expect(invokeLine({ local: true }, { env: { LLM_GW_LOCAL_PORT: "4600" } })).toBe(
    `LLM_GW_LOCAL_PORT=4600 llm-gw invoke --local --prompt "Hello"`,
  );
});

test("a hint's commands repeat them as well, and nothing else that is named llm-gw", () => {
  const flags = { name: "a b", local: true, json: true };
  const hint = "If no llm-gw is running: llm-gw status, or llm-gw invoke --via lambda. Start it: llm-gw deploy --local";
  expect(addressed(hint, flags, { env: {} })).toBe(
    "If no llm-gw is running: llm-gw status --name 'a b' --local, or llm-gw invoke --name 'a b' --local --via lambda. Start it: llm-gw deploy --name 'a b' --local",
  );
  expect(
    addressed("Or: llm-gw deploy --local", { stage: "dev", profile: "work" }, { env: { LLM_GW_LOCAL_PORT: "4600" } }),
  ).toBe("Or: LLM_GW_LOCAL_PORT=4600 llm-gw deploy --stage dev --local");
  expect(addressed("llm-gw deploy, llm-gw local --help, llm-gw --help", {}, { env: { npm_command: "exec" } })).toBe(
    "npx llm-gw deploy, npx llm-gw local --help, npx llm-gw --help",
  );
});

test("what ends the local AWS names its port, unless the hint does", () => {
  const env = { LLM_GW_LOCAL_PORT: "4600", npm_command: "exec" };
  expect(addressed("End it: llm-gw local stop", {}, { env })).toBe(
    "End it: LLM_GW_LOCAL_PORT=4600 npx llm-gw local stop",
  );
  expect(addressed("End it: llm-gw local stop --port 4700", {}, { env })).toBe(
    "End it: npx llm-gw local stop --port 4700",
  );
});
