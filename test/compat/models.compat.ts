// Everything that the tests before have asked of the local AWS, and all it answered, against AWS's published models.
import { describe, expect, inject, test } from "vitest";
import { checkExchange } from "./model/check-exchange.ts";
import { EXCEPTIONS } from "./model/exceptions.ts";
import type { Finding } from "./model/exchange.ts";
import { loadModels } from "./model/model.ts";
import { type Client, recordings } from "./recording.ts";

const models = loadModels(inject("models"));
const used = new Set<(typeof EXCEPTIONS)[number]>();

/** Findings that no exception accepts, each once, with how often it was seen. */
function unaccepted(findings: readonly Finding[]): string[] {
  const counts = new Map<string, number>();
  for (const finding of findings) {
    const { where, member, what } = finding;
    const exception = EXCEPTIONS.find((one) => one.where.test(where) && one.member === member && one.what.test(what));
    if (exception === undefined) {
      const line = `${where}: ${member} ${what}`;
      counts.set(line, (counts.get(line) ?? 0) + 1);
    } else used.add(exception);
  }
  return [...counts].map(([line, count]) => `${line} (${count} times)`);
}

const CLIENTS: readonly { client: Client; isRight: boolean }[] = [
  { client: "cli", isRight: true },
  { client: "boto3", isRight: true },
  // Its requests are wrong on purpose: only the answers count.
  { client: "differential", isRight: false },
];

describe.each(CLIENTS)("$client", ({ client, isRight }) => {
  const checked = recordings(inject("recordings"), client).flatMap((exchange) => checkExchange(models, exchange) ?? []);
  const findings = checked.flatMap((one) => one.findings);

  test("there is something to check", () => {
    const operations = new Set(checked.map(({ operation }) => operation));
    process.stdout.write(`${client}: ${checked.length} exchanges of ${operations.size} operations checked\n`);
    expect(checked.length).toBeGreaterThan(0);
  });

  test.runIf(isRight)("every request is as the models say", () => {
    expect(unaccepted(findings.filter(({ where }) => !where.endsWith(" answer")))).toEqual([]);
  });

  test("every answer is as the models say", () => {
    expect(unaccepted(findings.filter(({ where }) => where.endsWith(" answer")))).toEqual([]);
  });
});

test("every exception is still needed", () => {
  const unused = EXCEPTIONS.filter((exception) => exception.isChance !== true && !used.has(exception));
  expect(unused.map(({ where, because }) => `${where}: ${because}`)).toEqual([]);
});
