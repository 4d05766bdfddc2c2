// A link to a page, a heading or a file of this project leads somewhere.
import { stat } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { CLONE, readPages } from "./markdown.ts";

const pages = await readPages();

const inner = pages.flatMap(({ path, links }) =>
  links.filter((href) => !/^[a-z]+:/.test(href)).map((href) => ({ path, href })),
);

test.each(inner)("$path: $href", async ({ path, href }) => {
  const [file = "", anchor] = href.split("#");
  const target = file === "" ? path : normalize(join(dirname(path), file));
  await stat(join(CLONE, target));
  if (anchor === undefined) return;
  const page = pages.find((one) => one.path === target);
  expect([...(page?.anchors ?? [])], `headings of ${target}`).toContain(anchor);
});
