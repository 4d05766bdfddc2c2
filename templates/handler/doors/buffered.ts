import type { Gateway, LambdaContext } from "../gateway.ts";
import { directExchange } from "./direct.ts";
import { httpExchange, httpResult, isHttpEvent } from "./http-event.ts";

/** The Lambda handler that answers in one piece: behind an HTTP API, and to a direct invocation. */
export function bufferedHandler(gateway: Gateway): (event: unknown, context: LambdaContext) => Promise<unknown> {
  return async (event, context) => {
    if (isHttpEvent(event)) return httpResult(await gateway(httpExchange(event), context));
    return (await gateway(directExchange(event), context)).body;
  };
}
