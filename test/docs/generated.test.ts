// Files that are made from the code: `npm run docs` writes them, and here they have to be up to date.
import { expect, test } from "vitest";
import * as z from "zod";
import { configSchema } from "../../src/config/schema.ts";
import { llmGw, temporaryFolder } from "../support/cli.ts";
import { commandsPage } from "./commands-page.ts";
import { configurationPage } from "./configuration-page.ts";

test("llm-gw.schema.json, for editors", async () => {
  const schema = { title: "llm-gw.json", ...z.toJSONSchema(configSchema, { io: "input" }) };
  await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot("../../llm-gw.schema.json");
});

test("docs/configuration.md", async () => {
  await expect(configurationPage()).toMatchFileSnapshot("../../docs/configuration.md");
});

test("docs/commands.md", async () => {
  const folder = await temporaryFolder();
  const help = async (args: readonly string[]) => (await llmGw(folder, {}, [...args, "--help"])).stdout;
  await expect(await commandsPage(help)).toMatchFileSnapshot("../../docs/commands.md");
});
