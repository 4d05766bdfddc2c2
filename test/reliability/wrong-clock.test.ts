// A computer whose clock is off by more than AWS allows.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { llmGw, llmGwJson, temporaryFolder } from "../support/cli.ts";
import { aws, freshAwsForEachTest } from "../support/fixture.ts";

freshAwsForEachTest();

test.each([10, -10])(
  "off by %i minutes: the calls are signed for AWS's time, creates that go only once too",
  async (off) => {
    const folder = await temporaryFolder();
    const shift = join(folder, "shift.cjs");
    await writeFile(
      shift,
      `const now = () => performance.timeOrigin + performance.now() + ${off * 60_000};
    globalThis.Date = class extends Date {
      constructor(...given) { super(...(given.length > 0 ? given : [now()])); }
      static now() { return now(); }
    };`,
    );
    const env = { ...aws.env, NODE_OPTIONS: `--require=${shift}` };
    expect(await llmGwJson(folder, env, ["deploy"])).toMatchObject({ summary: { created: 13 } });
    expect(await llmGw(folder, env, ["destroy", "--yes"])).toMatchObject({ code: 0 });
  },
);
