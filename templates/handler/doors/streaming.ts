import { once } from "node:events";
import type { Writable } from "node:stream";
import { event as eventText } from "../chat-answer.ts";
import type { Gateway, LambdaContext } from "../gateway.ts";
import { directExchange } from "./direct.ts";
import { type AnswerHead, contentType } from "./exchange.ts";
import { httpExchange, isHttpEvent } from "./http-event.ts";

type StreamingHandler = (event: unknown, answer: Writable, context: LambdaContext) => Promise<void>;

declare global {
  /** What the Node.js runtime of Lambda has for answers that stream [aws 4.12]. */
  var awslambda:
    | {
        streamifyResponse(handler: StreamingHandler): StreamingHandler;
        readonly HttpResponseStream: {
          from(answer: Writable, head: { statusCode: number; headers: Readonly<Record<string, string>> }): Writable;
        };
      }
    | undefined;
}

/**
 * The Lambda handler that sends each piece of an answer as it comes: behind a function URL, and to InvokeWithResponseStream
 * with the bare body. undefined outside of Lambda.
 */
export function streamingHandler(gateway: Gateway): StreamingHandler | undefined {
  const lambda = globalThis.awslambda;
  return lambda?.streamifyResponse(async (event, answer, context) => {
    if (!isHttpEvent(event)) {
      answer.end(JSON.stringify((await gateway(directExchange(event), context)).body));
      return;
    }
    let out: Writable | undefined;
    const send = async ({ status, headers }: AnswerHead, text: string, type = contentType(text)) => {
      const head = { statusCode: status, headers: { "content-type": type, ...headers } };
      out ??= lambda.HttpResponseStream.from(answer, head);
      // Only write() sends the head: end() with a text would lose it.
      if (!out.write(text)) await once(out, "drain");
    };
    // A function URL waits as long as the function runs.
    const exchange = { ...httpExchange(event), callerWaitsMs: Number.POSITIVE_INFINITY, send };
    const { body, ...head } = await gateway(exchange, context);
    if (typeof body === "string") await send(head, body);
    else if (out === undefined) await send(head, JSON.stringify(body), contentType(body));
    else await send(head, eventText(body));
    answer.end();
  });
}
