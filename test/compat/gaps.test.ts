import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { MINISTACK_GAPS } from "./gaps-ministack.ts";
import { MOTO_GAPS } from "./gaps-moto.ts";

test.each([...MINISTACK_GAPS, ...MOTO_GAPS])("the file of the gap exists: $test", ({ test: name }) => {
  const [file = ""] = name.split(" > ");
  expect(existsSync(fileURLToPath(new URL(`../e2e/${file}.test.ts`, import.meta.url)))).toBe(true);
});
