import { describedAnswer } from "../data-plane/answer.ts";
import type { HttpResponse } from "../http.ts";
import { parseJson } from "../parse-json.ts";
import type { StreamingInvocation } from "../runtime/function-runtime.ts";

/** The type under which a function describes its answer: JSON, eight zero bytes, the body [aws 4.12]. */
const DESCRIBED = "application/vnd.awslambda.http-integration-response";
/** What a stream is that does not say. */
const STREAM_TYPE = "application/octet-stream";

const DELIMITER = Buffer.alloc(8);

/** More than any description needs: a function that never ends one must not fill the memory. */
const MAX_DESCRIPTION_BYTES = 1_048_576;

/**
 * The answer of a URL that streams, as soon as its head is known; undefined: the function failed before, or what it
 * wrote is no answer. A function that fails later breaks the body off.
 */
export async function streamedAnswer(invocation: StreamingInvocation): Promise<HttpResponse | undefined> {
  const source = unfailing(invocation);
  const first = await source.next().catch(() => undefined);
  if (first === undefined) return undefined;
  const contentType = await invocation.contentType;
  const start = first.done ? Buffer.alloc(0) : first.value;
  if (contentType !== DESCRIBED) {
    return { status: 200, headers: { "content-type": contentType ?? STREAM_TYPE }, body: joined(start, source) };
  }
  let head = start;
  while (!head.includes(DELIMITER) && head.length <= MAX_DESCRIPTION_BYTES) {
    const next = await source.next().catch(() => undefined);
    if (next === undefined || next.done) return undefined;
    head = Buffer.concat([head, next.value]);
  }
  const end = head.indexOf(DELIMITER);
  if (end === -1) return undefined;
  const description = parseDescription(head.subarray(0, end));
  // Without a status it is 200; the rest is as in a buffered answer.
  const described = description && describedAnswer({ statusCode: 200, ...description }, STREAM_TYPE);
  return described && { ...described, body: joined(head.subarray(end + DELIMITER.length), source) };
}

function parseDescription(json: Buffer): object | undefined {
  const value = parseJson(json.toString("utf8"));
  return typeof value === "object" && value !== null ? value : undefined;
}

/** The chunks; throws at their end when the function failed. */
async function* unfailing({ chunks, result }: StreamingInvocation): AsyncGenerator<Buffer, undefined> {
  yield* chunks;
  const { functionError } = await result;
  if (functionError !== undefined) throw new Error("the function failed while it streamed its answer");
}

async function* joined(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start;
  yield* rest;
}
