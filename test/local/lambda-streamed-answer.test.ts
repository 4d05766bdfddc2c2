import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { streamedAnswer } from "../../src/local/function-url/streamed-answer.ts";
import type { StreamingInvocation } from "../../src/local/runtime/function-runtime.ts";

const DESCRIBED = "application/vnd.awslambda.http-integration-response";
const ZEROS = "\0".repeat(8);

function invocation(chunks: string[], contentType?: string, functionError?: "Unhandled"): StreamingInvocation {
  async function* stream() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  return {
    contentType: Promise.resolve(contentType),
    chunks: stream(),
    result: Promise.resolve({ payload: Buffer.alloc(0), logTail: "", ...(functionError && { functionError }) }),
  };
}

async function read(...of: Parameters<typeof invocation>) {
  const answer = await streamedAnswer(invocation(...of));
  if (answer === undefined) return undefined;
  const { body } = answer;
  if (typeof body === "string" || Buffer.isBuffer(body)) throw new Error("The answer is no stream.");
  return { status: answer.status, headers: answer.headers, body: await text(body) };
}

test("a stream is the body as it comes, under the type the function gave it", async () => {
  expect(await read(["a", "b"], "text/event-stream")).toEqual({
    status: 200,
    headers: { "content-type": "text/event-stream" },
    body: "ab",
  });
  expect(await read(["a"])).toMatchObject({ headers: { "content-type": "application/octet-stream" } });
  expect(await read([])).toMatchObject({ status: 200, body: "" });
});

test("a description in front of the body sets status, headers and cookies", async () => {
  const description = JSON.stringify({ statusCode: 201, headers: { "X-A": "1" }, cookies: ["c=1", "d=2"] });
  const answer = { status: 201, headers: { "x-a": "1", "set-cookie": ["c=1", "d=2"] }, body: "body" };
  expect(await read([`${description}${ZEROS}body`], DESCRIBED)).toMatchObject(answer);
  expect(await read([description, ZEROS, "bo", "dy"], DESCRIBED)).toMatchObject(answer);
  expect(await read([description + ZEROS.slice(3), `${ZEROS.slice(5)}body`], DESCRIBED)).toMatchObject(answer);
  expect(await read([`{}${ZEROS}${ZEROS}`], DESCRIBED)).toMatchObject({ status: 200, body: ZEROS });
});

test.each([
  ["that never ends", [JSON.stringify({ statusCode: 200 })]],
  ["that is too long", ["x".repeat(1_048_577), ZEROS]],
  ["that is no JSON", [`{${ZEROS}`]],
  ["that is no object", [`1${ZEROS}`]],
  ["with a status that is none", [`{"statusCode":99}${ZEROS}`]],
])("a description %s is no answer", async (_what, chunks) => {
  expect(await read(chunks, DESCRIBED)).toBeUndefined();
});

test("a failure before the first byte is no answer, one after it breaks the body off", async () => {
  expect(await read([], undefined, "Unhandled")).toBeUndefined();
  expect(await read(["{"], DESCRIBED, "Unhandled")).toBeUndefined();
  await expect(read(["a"], undefined, "Unhandled")).rejects.toThrow("failed while it streamed");
});
