// One event of a log as a line for people.
import { member, parseJson } from "../json.ts";

/**
 * `2026-11-25T21:00:00Z ` and the message: records of the built-in function and of the access log by what matters in
 * them, other JSON objects on one line, Lambda's own lines without what they repeat.
 * @param source says where it comes from, where that is not clear
 * @returns undefined for Lambda's END, which says nothing that the REPORT behind it does not
 */
export function logLine(timestamp: number, message: string, source?: string): string | undefined {
  // Lambda's runtimes keep the lines of a message together with \r, by which a terminal would overwrite them.
  const text = readable(message.trimEnd().replaceAll(/\r\n?/g, "\n"));
  if (text === undefined) return undefined;
  const time = new Date(timestamp).toISOString().replace(/\.\d+Z$/, "Z");
  return [time, ...(source === undefined ? [] : [source]), text].join(" ");
}

/** The time and the request's id that Lambda's runtimes put into each line of console.log() and logging. */
const NODE_PREFIX = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t(?:[\da-f-]{36}|undefined)\t([A-Z]+)\t/;
const PYTHON_PREFIX = /^(\[[A-Z]+\])\t\d{4}-\d\d-\d\dT[\d:.]+Z\t[\da-f-]{36}\t/;
/** What Node's runtime writes, as JSON, about what a handler threw: `ERROR Invoke Error` and an object with a stack. */
const NODE_ERROR = /^(ERROR [A-Z][A-Za-z]*(?: [A-Za-z]+)*)\s+(\{.*\})$/;

function readable(message: string): string | undefined {
  if (message.startsWith("{")) {
    const json = parseJson(message);
    if (typeof json === "object" && json !== null) return requestText(json) ?? objectText(json);
  }
  if (/^END RequestId: \S+$/.test(message)) return undefined;
  if (message.startsWith("REPORT RequestId: ")) return reportText(message);
  return message
    .replace(NODE_PREFIX, "$1 ")
    .replace(NODE_ERROR, (whole, lead: string, json: string) => errorText(lead, parseJson(json)) ?? whole)
    .replace(/^START RequestId: (\S+) Version: \S+$/, "START $1")
    .replace(/^(INIT_START Runtime Version: \S+)\tRuntime Version ARN: \S+$/, "$1")
    .replace(/^INIT_REPORT .*/, (line) => line.trimEnd().replaceAll("\t", ", "))
    .replace(PYTHON_PREFIX, "$1 ");
}

/**
 * `200 default aws.bedrock:amazon.nova-micro-v1:0 12+34 tokens 812 ms 5f0c...` of the built-in function, `403 POST /inference
 * 3 ms error: Forbidden Ab0c...=` of the access log, with the id that invoke shows; undefined for what is no record of a request.
 */
function requestText(record: object): string | undefined {
  const first = (...names: readonly string[]) => names.map((name) => member(record, name)).find(isShown);
  const together = (separator: string, ...names: readonly string[]) =>
    names
      .map((name) => first(name))
      .filter((part) => part !== undefined)
      .join(separator);
  // The access log has a route key for every request, if only a hyphen.
  const status = first("http.response.status_code", ...(member(record, "routeKey") === undefined ? [] : ["status"]));
  if (status === undefined) return undefined;
  const tokens = ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"].map((name) => first(name));
  const milliseconds = first("llm_gw.duration", "milliseconds");
  const error = together(", ", "error.type", "error", "llm_gw.reason", "reason");
  // A reason beside an answer is why another backend gave it.
  const trouble = first("error.type", "error") === undefined ? "after" : "error";
  return [
    status,
    first("llm_gw.alias", "routeKey") ?? together(" ", "http.request.method", "http.route", "method"),
    together(":", "gen_ai.provider.name", "gen_ai.request.model"),
    tokens.some((count) => count !== undefined) ? `${tokens.map((count) => count ?? 0).join("+")} tokens` : "",
    milliseconds === undefined ? "" : `${milliseconds} ms`,
    error === "" ? "" : `${trouble}: ${error}`,
    first("faas.invocation_id", "requestId") ?? "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function isShown(value: unknown): value is string | number {
  return typeof value === "number" || (typeof value === "string" && value !== "" && value !== "-");
}

/**
 * An error as Node prints it: its stack, and as JSON what that does not say.
 * @returns undefined for what is no error
 */
function errorText(lead: string, error: unknown): string | undefined {
  const lines = member(error, "stack");
  if (typeof error !== "object" || error === null || !Array.isArray(lines)) return undefined;
  const stack = lines.join("\n");
  const isSaid = ([name, value]: [string, unknown]) =>
    name === "stack" || (["errorType", "errorMessage"].includes(name) && stack.includes(String(value)));
  const others = Object.entries(error).filter((entry) => !isSaid(entry));
  return `${lead} ${stack}${others.length === 0 ? "" : `\n    ${JSON.stringify(Object.fromEntries(others))}`}`;
}

/** Without the part of CloudWatch's embedded metric format that only describes the rest. */
function objectText(record: object): string {
  return JSON.stringify(record, (key, value: unknown) => (key === "_aws" ? undefined : value));
}

/** `REPORT 5f0c..., 812.31 ms, billed 813 ms, 118 of 512 MB, init 402.04 ms` and, where it is there, `status timeout`. */
function reportText(message: string): string {
  const fields = new Map(
    message.split("\t").map((field) => {
      const [name = "", ...value] = field.split(": ");
      return [name.trim(), value.join(": ").trim()] as const;
    }),
  );
  const peak = fields.get("Max Memory Used")?.replace(/ MB$/, "");
  const part = (name: string, label = "") => (fields.has(name) ? [`${label}${fields.get(name)}`] : []);
  return [
    `REPORT ${fields.get("REPORT RequestId")}`,
    ...part("Duration"),
    ...part("Billed Duration", "billed "),
    ...part("Memory Size", peak === undefined ? "" : `${peak} of `),
    ...part("Init Duration", "init "),
    ...part("Status", "status "),
    ...part("Error Type", "error "),
  ].join(", ");
}
