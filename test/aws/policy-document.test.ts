import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePolicy, isSamePolicy } from "../../src/aws/resources/policy-document.ts";

test("order of keys and of lists, and a list of one, make no difference; content does", () => {
  const one = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["b", "a"], Resource: "*" }] };
  const same = { Statement: { Resource: ["*"], Action: ["a", "b"], Effect: "Allow" }, Version: "2012-10-17" };
  expect(isSamePolicy(one, same)).toBe(true);
  expect(isSamePolicy(one, { ...same, Statement: { ...same.Statement, Action: ["a", "b", "c"] } })).toBe(false);
  expect(isSamePolicy(undefined, one)).toBe(false);
});

test("a document comes back from IAM percent-encoded, with a plus sign that is no space", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (document) => {
      expect(decodePolicy(encodeURIComponent(JSON.stringify(document)))).toEqual(JSON.parse(JSON.stringify(document)));
    }),
  );
  expect(decodePolicy("%7B%22a%22%3A%22b+c%22%7D")).toEqual({ a: "b+c" });
  expect(decodePolicy("%7B")).toBeUndefined();
});
