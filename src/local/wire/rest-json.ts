import { AwsError, notImplemented } from "../aws-error.ts";
import type { HttpRequest, HttpResponse } from "../http.ts";
import { parseJsonObject } from "./json.ts";
import type { Wire } from "./service.ts";

/** Where an operation of a rest-json service lives. `{name}` in the path becomes the input member `name`. */
export interface RestRoute {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The body is a blob of the caller's, not the input's members. */
  readonly rawBody?: true;
}

/** An answer a handler shapes itself, where the protocol binds members to headers or the body is a blob. */
export class RawReply {
  readonly response: HttpResponse;

  constructor(response: HttpResponse) {
    this.response = response;
  }
}

/** The rest-json protocol of Lambda and API Gateway; `errorBody` is what tells their errors apart. */
export function restJsonWire(options: {
  readonly service: string;
  readonly routes: readonly RestRoute[];
  readonly invalidCode: string;
  readonly errorBody: (error: AwsError) => object;
  /** What a TooManyRequestsException has in its headers. */
  readonly throttleHeaders?: Readonly<Record<string, string>>;
}): Wire {
  const routes = options.routes.map((route) => ({ route, parts: segments(route.path) }));
  return {
    read(request) {
      const sent = segments(request.path);
      for (const { route, parts } of routes) {
        const labels = route.method === request.method ? match(parts, sent, options.invalidCode) : undefined;
        if (labels === undefined) continue;
        const body = route.rawBody ? {} : readBody(request);
        const query = readQuery(request);
        refuseMisplaced(request.method, { body, query, labels });
        return { operation: route.operation, input: { ...body, ...query, ...labels } };
      }
      throw notImplemented(`${request.method} ${request.path} of ${options.service}`);
    },
    answer(call, output, requestId) {
      if (output instanceof RawReply) {
        const { status, headers, body } = output.response;
        return { status, headers: { ...headers, "x-amzn-requestid": requestId }, body };
      }
      const status = options.routes.find((route) => route.operation === call.operation)?.status ?? 200;
      return json(status, status === 204 ? "" : JSON.stringify(output ?? {}), { "x-amzn-requestid": requestId });
    },
    fail(error, requestId) {
      return json(error.status, JSON.stringify(options.errorBody(error)), {
        "x-amzn-requestid": requestId,
        "x-amzn-errortype": error.code,
        ...(error.code === "TooManyRequestsException" && options.throttleHeaders),
      });
    },
  };
}

function json(status: number, body: string, headers: Readonly<Record<string, string>>): HttpResponse {
  return { status, headers: { "content-type": "application/json", ...headers }, body };
}

/** A trailing slash is no segment of its own: older SDKs send one in list calls. */
function segments(path: string): string[] {
  return path.replace(/\/$/, "").split("/").slice(1);
}

function match(
  parts: readonly string[],
  sent: readonly string[],
  invalidCode: string,
): Record<string, string> | undefined {
  if (parts.length !== sent.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const value = sent[index] ?? "";
    if (!part.startsWith("{")) {
      if (part !== value) return undefined;
    } else {
      labels[part.slice(1, -1)] = decode(value, invalidCode);
    }
  }
  return labels;
}

function decode(segment: string, invalidCode: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AwsError(invalidCode, 400, `The path segment ${segment} is not percent-encoded UTF-8.`);
  }
}

/**
 * Refuses members that are not where the models have them, which AWS would not see: with a body come those of the body and
 * `Qualifier` in the query, without one those of the query, and what the path names is nowhere else.
 */
function refuseMisplaced(
  method: string,
  { body, query, labels }: { readonly body: object; readonly query: object; readonly labels: object },
): void {
  const hasBody = ["POST", "PUT", "PATCH"].includes(method);
  const isOfQuery = (name: string) => !hasBody || name === "Qualifier";
  const inBody = Object.keys(body).find((name) => isOfQuery(name) || Object.hasOwn(labels, name));
  if (inBody !== undefined) throw notImplemented(`the member ${inBody} in the body of a ${method}`);
  const inQuery = Object.keys(query).find((name) => !isOfQuery(name) || Object.hasOwn(labels, name));
  if (inQuery !== undefined) throw notImplemented(`the member ${inQuery} in the query of a ${method}`);
}

function readQuery(request: HttpRequest): Record<string, string | string[]> {
  const query = new URLSearchParams(request.query);
  const members: [string, string | string[]][] = [...new Set(query.keys())].map((name) => {
    const values = query.getAll(name);
    return [name, values.length === 1 ? (values[0] ?? "") : values];
  });
  return Object.fromEntries(members);
}

function readBody(request: HttpRequest): object {
  if (request.body.length === 0) return {};
  return parseJsonObject(request.body);
}
