import { randomUUID } from "node:crypto";
import type { Gateway } from "../config.ts";
import { requestOf } from "./endpoint.ts";
import { HEADERS } from "./invoke-http.ts";

/** In place of the id of an API, which is not asked for. */
const API = "llm-gw-invoke";
const SOURCE_IP = "127.0.0.1";

/**
 * The event that a function gets of a request to one of its routes, in API Gateway's payload format 2.0 [aws 5.9]; without
 * what only API Gateway knows: who has signed, and the id of the trace.
 * @param nowMs milliseconds since 1970
 */
export function httpEvent(
  routeKey: string,
  { stage, region }: Pick<Gateway, "stage" | "region">,
  accountId: string,
  body: string,
  nowMs: number,
): object {
  const { method, path, variables } = requestOf(routeKey);
  const rawPath = `/${stage}${path}`;
  const domainName = `${API}.execute-api.${region}.amazonaws.com`;
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString: "",
    headers: {
      ...HEADERS,
      host: domainName,
      "content-length": String(Buffer.byteLength(body)),
      "x-forwarded-for": SOURCE_IP,
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
    },
    requestContext: {
      accountId,
      apiId: API,
      domainName,
      domainPrefix: API,
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: SOURCE_IP, userAgent: HEADERS["user-agent"] },
      requestId: randomUUID(),
      routeKey,
      stage,
      time: requestTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(variables.length > 0 && { pathParameters: Object.fromEntries(variables.map((name) => [name, name])) }),
    body,
    isBase64Encoded: false,
  };
}

/** As in `26/Nov/2026:01:25:13 +0000`. */
function requestTime(ms: number): string {
  const [, day, month, year, time] = new Date(ms).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}
