// docs/local-aws.md says what the local AWS can do: all of it, and nothing else.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { SERVICES } from "../../src/local/services/services.ts";
import { TIMINGS } from "../../src/local/timing.ts";

const page = await readFile(new URL("../../docs/local-aws.md", import.meta.url), "utf8");

/** The first cells of the tables below a heading. */
function operationsBelow(heading: string): string[] {
  const [section = ""] = page.split(`### ${heading}\n`)[1]?.split("\n#") ?? [];
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name = ""]) => name)).sort();
}

test.each([
  ["IAM and STS", ["iam", "sts"]],
  ["Lambda", ["lambda"]],
  ["API Gateway", ["apigateway"]],
  ["CloudWatch Logs", ["logs"]],
  ["Bedrock", ["bedrock"]],
  ["Systems Manager", ["ssm"]],
  ["Secrets Manager", ["secretsmanager"]],
])("the table of %s names every operation", (heading, services) => {
  const supported = services.flatMap((name) => [...(SERVICES.get(name)?.operations.keys() ?? [])]);
  expect(operationsBelow(heading)).toEqual(supported.sort());
});

test("the table of timings has the values of the code", () => {
  const { off, realistic, hostile } = TIMINGS;
  for (const [name, value] of Object.entries(off)) {
    const cells = page
      .split("\n")
      .find((line) => line.includes(`| \`${name}\` |`))
      ?.split("|")
      .map((cell) => cell.trim());
    const shown = (number: unknown) =>
      typeof number === "boolean" ? (number ? "yes" : "no") : Number(number).toLocaleString("en-US");
    expect(cells?.slice(3, 6)).toEqual(
      [value, Reflect.get(realistic, name), Reflect.get(hostile, name)].map((number) => shown(number)),
    );
  }
});
