import fc from "fast-check";
import { expect, test } from "vitest";
import { arnLike, wildcard } from "../../src/local/arn.ts";

/** What a pattern means, said by a regular expression: right, but for hostile patterns without end. */
function expression(pattern: string): RegExp {
  const source = [...pattern].map((char) => (char === "*" ? ".*" : char === "?" ? "." : `\\${char}`));
  return new RegExp(`^${source.join("")}$`, "s");
}

test("a pattern matches what the regular expression of the same meaning matches", () => {
  const text = fc.string({ unit: fc.constantFrom("/", ".", ":"), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom("/", ".", ":", "*", "?"), maxLength: 6 });
  fc.assert(
    fc.property(pattern, text, (wanted, given) => {
      expect(wildcard(wanted)(given)).toBe(expression(wanted).test(given));
    }),
    { numRuns: 5000 },
  );
});

test("a hostile pattern ends", () => {
  const segments = "/admin".repeat(20_000);
  expect(wildcard("*/*/*/*/*/*/admin/x")(segments)).toBe(false);
  expect(wildcard("*a".repeat(50))("a".repeat(20_000))).toBe(true);
});

test("wildcards of an ARN never cross its colons", () => {
  const api = "arn:aws:execute-api:eu-west-1:000000000000:a1/prod/POST/inference";
  expect(arnLike("arn:aws:execute-api:*:*:a1/*/POST/*")(api)).toBe(true);
  expect(arnLike("arn:aws:execute-api:*")(api)).toBe(false);
  expect(arnLike("arn:aws:*:a1/*")(api)).toBe(false);
});
