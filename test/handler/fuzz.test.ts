import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { eventData } from "../../templates/handler/backends/event-source.ts";
import { bedrockAt, sendEvents } from "./support/bedrock.ts";
import { type Bundle, bundleHandler, tableOf } from "./support/bundle.ts";
import { httpEvent, readDirect, readError, readHttp, readResult } from "./support/events.ts";
import { type RunningFunction, startFunction } from "./support/function.ts";
import { beginEvents, chunk, sse, startUpstream, type Upstream } from "./support/upstream.ts";

let upstream: Upstream;
let bundle: Bundle;
let fn: RunningFunction;

beforeAll(async () => {
  upstream = await startUpstream(({ path }, response) => {
    if (path.endsWith("/chat/completions"))
      beginEvents(response).end(sse(chunk({ content: "Good" }), chunk({}, "stop")));
    else sendEvents(response, [["messageStop", { stopReason: "end_turn" }]]);
  });
  const other = { backend: "openai", baseUrl: upstream.url, model: "m" };
  bundle = await bundleHandler(
    tableOf(
      { default: { backend: "echo" }, other, bedrock: { backend: "bedrock", model: "m" } },
      { promptBytes: 2000 },
    ),
  );
  fn = startFunction(bundle.folder, bedrockAt(upstream.url));
});
afterAll(async () => {
  await fn.stop();
  await Promise.all([bundle.remove(), upstream.close()]);
});

/** Objects near enough to valid ones to get past first checks: now and then a field is of another kind, or not there. */
function nearly(
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<object> {
  const wrong = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant(undefined));
  const fields = Object.entries({ ...required, ...optional }).map(([name, right]) => {
    return [name, fc.oneof({ arbitrary: right, weight: 40 }, { arbitrary: wrong, weight: 1 })] as const;
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: Object.keys(required) });
}

const text = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
const settings = {
  model: fc.constantFrom("default", "other", "bedrock"),
  max_tokens: fc.integer({ min: 1, max: 8200 }),
  temperature: fc.double({ noNaN: true, min: 0, max: 2 }),
  top_p: fc.double({ noNaN: true, min: 0, max: 1 }),
  stop: fc.oneof(text, fc.array(text, { maxLength: 3 })),
};
const prompt = nearly({ prompt: text }, { ...settings, system: text });

/** Stands for lists in lists, which JSON.stringify would stumble over here. */
const deep = fc.integer({ min: 90, max: 6000 }).map((levels) => `deep:${levels}`);
/** The JSON of a body, also where it holds JSON itself, with what `deep` stands for. */
const toJson = (body: unknown) =>
  JSON.stringify(body).replaceAll(/\\?"deep:(\d+)\\?"/g, (_, levels) => "[".repeat(levels) + "]".repeat(levels));
const value = fc.oneof({ arbitrary: fc.jsonValue({ maxDepth: 2 }), weight: 100 }, { arbitrary: deep, weight: 1 });
const schema = fc.dictionary(text, value, { maxKeys: 3 });
const described = nearly({ name: text }, { description: text, parameters: schema, schema, strict: fc.boolean() });
const call = nearly({
  id: text,
  type: fc.constant("function"),
  function: nearly({
    name: text,
    arguments: fc.oneof(
      text,
      schema.map((value) => JSON.stringify(value)),
    ),
  }),
});
const part = fc.oneof(
  nearly({ type: fc.constant("text"), text }),
  nearly({
    type: fc.constant("image_url"),
    image_url: nearly({ url: fc.oneof(text, fc.constant("data:image/png;base64,AAAA")) }, { detail: text }),
  }),
);
const content = fc.oneof(text, fc.array(part, { minLength: 1, maxLength: 3 }));
const message = fc.oneof(
  nearly({ role: fc.constantFrom("system", "developer"), content: text }),
  nearly({ role: fc.constant("user"), content }),
  nearly({ role: fc.constant("assistant"), content: text }, { tool_calls: fc.array(call, { maxLength: 2 }) }),
  nearly({ role: fc.constant("tool"), content: text, tool_call_id: text }),
);
const chat = nearly(
  { messages: fc.array(message, { minLength: 1, maxLength: 4 }) },
  {
    ...settings,
    stream: fc.boolean(),
    stream_options: nearly({}, { include_usage: fc.boolean() }),
    tools: fc.array(nearly({ type: fc.constant("function"), function: described }), { maxLength: 2 }),
    // To demand a tool is at fault wherever there is none.
    tool_choice: fc.oneof(
      { arbitrary: fc.constantFrom("none", "auto"), weight: 8 },
      { arbitrary: fc.constant("required"), weight: 1 },
      { arbitrary: nearly({ type: fc.constant("function"), function: described }), weight: 1 },
    ),
    response_format: nearly({
      type: fc.constantFrom("text", "json_object", "json_schema"),
      json_schema: described,
    }),
    seed: fc.integer(),
    logit_bias: fc.dictionary(text, fc.double({ noNaN: true })),
    n: fc.constant(1),
  },
);

const anything = fc.oneof(fc.json(), fc.string({ unit: "binary" }));
const completionSchema = z.looseObject({
  object: z.literal("chat.completion"),
  choices: z.tuple([z.looseObject({ message: z.looseObject({ role: z.literal("assistant") }) })]),
});

/** The caller is always told what is wrong: never a fault of the gateway's own. */
const CALLERS = [400, 404, 413];

describe("any body over HTTP", () => {
  it("is answered by POST /inference", async () => {
    const body = fc.oneof(
      anything,
      prompt.map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), async (sent, base64) => {
        const { status, body } = readHttp(await fn.invoke(httpEvent(sent, { base64 })));
        if (status !== 200) expect(CALLERS).toContain(status);
        expect("answer" in body).toBe(status === 200);
      }),
      { numRuns: 500 },
    );
  });

  it("is answered by POST /v1/chat/completions", async () => {
    let good = 0;
    const body = fc.oneof({ arbitrary: anything, weight: 1 }, { arbitrary: chat.map(toJson), weight: 9 });
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const { status, text } = readResult(await fn.invoke(httpEvent(sent, { path: "/v1/chat/completions" })));
        if (status !== 200) {
          expect(CALLERS).toContain(status);
          expect(readError(JSON.parse(text))).toBeDefined();
        } else if (text.startsWith("data: ")) {
          expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
        } else {
          completionSchema.parse(JSON.parse(text));
        }
        if (status === 200) good += 1;
      }),
      { numRuns: 1000 },
    );
    // Otherwise the property says nothing of what comes behind the checks.
    expect(good).toBeGreaterThan(50);
  });
});

it.each(["messages", "tools", "tool_choice", "response_format", "logit_bias", "metadata"])(
  "takes any depth in %s",
  async (field) => {
    const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
    const body = `{"messages":[{"role":"user","content":"Hi"}],"${field}":${field === "messages" ? `[${deep}]` : deep}}`;
    const { status } = readResult(await fn.invoke(httpEvent(body, { path: "/v1/chat/completions" })));
    expect(status).toBe(field === "metadata" ? 200 : 400);
  },
);

it("survives a body that claims to be base64 and is not", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), async (sent) => {
      const { status } = readHttp(await fn.invoke(httpEvent(sent, { base64: "claimed" })));
      expect(status).toBe(400);
    }),
  );
});

it("answers any event of a direct invocation", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), prompt), async (event) => {
      const { answer, error } = readDirect(await fn.invoke(event));
      expect(answer !== undefined || error?.type === "invalid_request_error").toBe(true);
    }),
    { numRuns: 300 },
  );
});

it("reads server-sent events the same, wherever their bytes are cut", async () => {
  const line = fc.string({ unit: "grapheme" }).map((value) => value.replaceAll(/[\r\n]/g, ""));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.constantFrom("\n", "\r\n"),
      fc.infiniteStream(fc.nat(5)),
      async (lines, end, cuts) => {
        const bytes = Buffer.from(lines.map((data) => `data: ${data}${end}${end}`).join(""));
        async function* pieces(): AsyncGenerator<Uint8Array> {
          for (let start = 0; start < bytes.length; ) {
            const length = cuts.next().value + 1;
            yield bytes.subarray(start, start + length);
            start += length;
          }
        }
        const read: string[] = [];
        for await (const data of eventData(pieces())) read.push(data);
        expect(read).toEqual(lines);
      },
    ),
  );
});
