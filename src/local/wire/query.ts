import { AwsError } from "../aws-error.ts";
import type { HttpRequest } from "../http.ts";
import { MAX_DEPTH } from "./json.ts";
import type { Operation, Wire } from "./service.ts";
import { xmlMembers, xmlText } from "./xml.ts";

/** The query protocol of IAM and STS: a form in, XML out. */
export function queryWire(options: {
  readonly version: string;
  readonly namespace: string;
  readonly operations: ReadonlyMap<string, Operation>;
}): Wire {
  return {
    read(request) {
      const form = readForm(request);
      const action = form.get("Action");
      if (action === null) throw new AwsError("MissingAction", 400, "The request must contain the parameter Action.");
      const version = form.get("Version");
      if (version !== options.version) {
        throw new AwsError("NoSuchVersion", 400, `The requested version ( ${version ?? ""} ) is not valid.`);
      }
      form.delete("Action");
      form.delete("Version");
      return { operation: action, input: readMembers(form) };
    },
    answer(call, output, requestId) {
      const result = typeof output === "object" && output !== null ? xmlMembers(output) : "";
      const metadata = `<ResponseMetadata>${xmlText("RequestId", requestId)}</ResponseMetadata>`;
      const name = call.operation;
      return xml(
        200,
        `<${name}Response xmlns="${options.namespace}"><${name}Result>${result}</${name}Result>${metadata}</${name}Response>`,
        requestId,
      );
    },
    fail(error, requestId) {
      const type = error.status >= 500 ? "Receiver" : "Sender";
      const body = xmlText("Type", type) + xmlText("Code", error.code) + xmlText("Message", error.message);
      return xml(
        error.status,
        `<ErrorResponse xmlns="${options.namespace}"><Error>${body}</Error>${xmlText("RequestId", requestId)}</ErrorResponse>`,
        requestId,
      );
    },
  };
}

function xml(status: number, body: string, requestId: string) {
  return { status, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}

function readForm(request: HttpRequest): URLSearchParams {
  if (request.method === "GET") return new URLSearchParams(request.query);
  const type = request.headers["content-type"] ?? "";
  if (request.method !== "POST" || !type.startsWith("application/x-www-form-urlencoded")) {
    throw new AwsError("MalformedQueryString", 400, "The request is not a form sent with POST.");
  }
  return new URLSearchParams(request.body.toString("utf8"));
}

interface Members {
  [name: string]: string | Members;
}

/** `Tags.member.1.Key=a` as `{ Tags: [{ Key: "a" }] }`. */
function readMembers(form: URLSearchParams): unknown {
  const root: Members = Object.create(null);
  for (const [name, value] of form) {
    const path = name.split(".", MAX_DEPTH + 1);
    if (path.length > MAX_DEPTH) throw new AwsError("MalformedInput", 400, "A parameter is nested too deeply.");
    const last = path.pop() ?? "";
    let at = root;
    for (const part of path) {
      at[part] ??= Object.create(null);
      const next = at[part];
      if (typeof next !== "object") throw malformed(name);
      at = next;
    }
    if (last === "" || last in at) throw malformed(name);
    at[last] = value;
  }
  return unfold(root);
}

function unfold(value: string | Members): unknown {
  if (typeof value === "string") return value;
  const list = value.member;
  if (typeof list === "object" && Object.keys(value).length === 1) {
    const indices = Object.keys(list).sort((a, b) => Number(a) - Number(b));
    return indices.map((index) => unfold(list[index] ?? ""));
  }
  const plain: Record<string, unknown> = Object.create(null);
  for (const [name, member] of Object.entries(value)) plain[name] = unfold(member);
  return plain;
}

function malformed(name: string): AwsError {
  return new AwsError("MalformedInput", 400, `The parameter ${name} contradicts another one.`);
}
