// Sequences that once ended otherwise than they should, or than one would think.
import { beforeAll, test } from "vitest";
import { deploy, deployTwice, secondApi } from "./commands.ts";
import { type Ideals, prepareIdeals } from "./configurations.ts";
import { runSequence } from "./sequence.ts";

let ideals: Ideals;

beforeAll(async () => {
  ideals = await prepareIdeals();
});

test("what another machine has removed as a duplicate is forgotten by the next run", async () => {
  await runSequence(ideals, "deployed", [deployTwice("another route"), deploy("another route")]);
});

test("a second API with the gateway's tags goes with the next deploy that searches", async () => {
  await runSequence(ideals, "deployed", [secondApi(), deploy("plain")]);
});
