import type { HttpResponse } from "../http.ts";

/** An answer of API Gateway itself, in the form all of them have [aws 5.9]. */
export function gatewayMessage(status: number, message: string): HttpResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify({ message }) };
}
