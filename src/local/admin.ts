import * as z from "zod";
import type { CallLog } from "./control-plane/call-log.ts";
import { type FaultPlan, faultList } from "./control-plane/faults.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";
import type { Regions } from "./regions.ts";
import { timingChange } from "./timing.ts";

export interface AdminParts {
  readonly regions: Regions;
  readonly calls: CallLog;
  readonly faults: FaultPlan;
}

/** The endpoints below /_llm-gw/: what AWS has no API for. Unsigned, so the server lets only this machine in. */
export function handleAdmin(request: HttpRequest, parts: AdminParts): HttpResponse {
  const { regions, calls, faults } = parts;
  switch (`${request.method} ${request.path}`) {
    case "GET /_llm-gw/health":
      return json(200, { service: "llm-gw local AWS", pid: process.pid, version: 1 });
    case "GET /_llm-gw/calls":
      return json(200, calls.list());
    case "DELETE /_llm-gw/calls":
      calls.clear();
      return json(200, {});
    case "PUT /_llm-gw/faults":
      return take(request, faultList, (list) => faults.set(list));
    case "PUT /_llm-gw/timing":
      return take(request, timingChange, (change) => regions.changeTiming(change));
    default:
      return json(404, { message: `The local AWS has no ${request.method} ${request.path}.` });
  }
}

function take<Input>(request: HttpRequest, schema: z.ZodType<Input>, use: (input: Input) => void): HttpResponse {
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString("utf8"));
  } catch {
    return json(400, { message: "The request body is not valid JSON." });
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) return json(400, { message: z.prettifyError(parsed.error) });
  use(parsed.data);
  return json(200, {});
}

function json(status: number, body: unknown): HttpResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
