import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Bundle, bundleHandler, tableOf } from "./support/bundle.ts";
import { httpEvent, readDirect, readHttp } from "./support/events.ts";
import { type RunningFunction, startFunction } from "./support/function.ts";

let bundle: Bundle;
let fn: RunningFunction;

beforeAll(async () => {
  bundle = await bundleHandler(tableOf({ default: { backend: "echo" } }));
  fn = startFunction(bundle.folder);
});
afterAll(async () => {
  await fn.stop();
  await bundle.remove();
});

/** Bodies near enough to valid ones to get past the first check. */
const nearly = fc.record(
  {
    prompt: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
    model: fc.oneof(fc.constant("default"), fc.jsonValue()),
    max_tokens: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.json(),
  fc.string({ unit: "binary" }),
  nearly.map((value) => JSON.stringify(value)),
);

it("answers any body over HTTP with a completion or an error of the caller's", async () => {
  await fc.assert(
    fc.asyncProperty(body, fc.boolean(), async (text, base64) => {
      const { status, body } = readHttp(await fn.invoke(httpEvent(text, { base64 })));
      expect([200, 400, 404]).toContain(status);
      expect("answer" in body).toBe(status === 200);
    }),
    { numRuns: 500 },
  );
});

it("survives a body that claims to be base64 and is not", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
      const { status } = readHttp(await fn.invoke(httpEvent(text, { base64: "claimed" })));
      expect(status).toBe(400);
    }),
  );
});

it("answers any event of a direct invocation", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), nearly), async (event) => {
      const { answer, error } = readDirect(await fn.invoke(event));
      expect(answer !== undefined || error?.type === "invalid_request_error").toBe(true);
    }),
    { numRuns: 300 },
  );
});
