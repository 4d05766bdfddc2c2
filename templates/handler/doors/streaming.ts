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
    let begun: Writable | undefined;
    const begin = ({ status, headers }: AnswerHead, type: string) =>
      lambda.HttpResponseStream.from(answer, { statusCode: status, headers: { "content-type": type, ...headers } });
    const send = async (head: AnswerHead, events: string) => {
      begun ??= begin(head, contentType(events));
      if (!begun.write(events)) await once(begun, "drain");
    };
    // A function URL waits as long as the function runs.
    const exchange = { ...httpExchange(event), callerWaitsMs: Number.POSITIVE_INFINITY, send };
    const { body, ...head } = await gateway(exchange, context);
    if (begun === undefined) begin(head, contentType(body)).end(typeof body === "string" ? body : JSON.stringify(body));
    else begun.end(typeof body === "string" ? body : eventText(body));
  });
}
