import type { HttpResponse } from "../http.ts";

/** An answer on its way to the client. */
export interface Answer extends HttpResponse {
  /** Whole: HTTP APIs do not stream [aws 5.10]. */
  readonly body: Buffer | string;
  /** The message with which the gateway itself refused; absent in what a function answered. */
  readonly refusal?: string;
}

/** An answer of API Gateway itself, in the form all of them have [aws 5.9]. */
export function gatewayMessage(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer & { readonly refusal: string } {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ message }),
    refusal: message,
  };
}

/** What the client gets when an integration or an authorizer does not work, whatever the reason [aws 5.9]. */
export function internalError(): Answer {
  return gatewayMessage(500, "Internal Server Error");
}
