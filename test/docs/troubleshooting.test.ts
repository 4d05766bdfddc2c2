// docs/troubleshooting.md explains every code that an error of ours can have, and no other.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLONE, readPages } from "./markdown.ts";

/** `new GatewayError("Code"` and, in the table of AWS's errors, `code: "Code"`. */
const CODE = /GatewayError\(\s*"([A-Z]\w+)"|\bcode: "([A-Z]\w+)"/g;

test("every code has a row", async () => {
  const files = await readdir(join(CLONE, "src"), { recursive: true });
  const ours = files.filter((path) => path.endsWith(".ts") && !path.startsWith("local"));
  const sources = await Promise.all(ours.map((path) => readFile(join(CLONE, "src", path), "utf8")));
  const codes = sources.flatMap((text) => [...text.matchAll(CODE)].map(([, made, explained]) => made ?? explained));

  const page = (await readPages()).find(({ path }) => path === "docs/troubleshooting.md");
  const cells = page?.rows.filter(([heading]) => heading === "code").map(([, cell = ""]) => cell) ?? [];
  const explained = cells.flatMap((cell) => cell.match(/\w+/g) ?? []);
  expect(explained.toSorted()).toEqual([...new Set(codes)].toSorted());
});
