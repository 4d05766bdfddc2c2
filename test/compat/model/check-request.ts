import type { Sent } from "../../support/relay.ts";
import { checkJson, checkStructure } from "./check-json.ts";
import { checkTree } from "./check-tree.ts";
import { checkBounds, checkText, type Report } from "./constraints.ts";
import { header } from "./exchange.ts";
import { type Member, type Model, type Shape, shapeOf } from "./model.ts";
import type { Found } from "./operations.ts";
import { formTree } from "./tree.ts";

/** Checks a request against the input that the model gives its operation: every member, where it belongs. */
export function checkRequest(model: Model, { operation, labels }: Found, sent: Sent, report: Report): void {
  const input = operation.input?.shape;
  const shape = input === undefined ? { type: "structure" } : shapeOf(model, input);
  const member = { shape: input ?? "" };
  switch (model.metadata.protocol) {
    case "query":
      checkForm(model, shape, member, sent, report);
      return;
    case "json":
      expectType(sent, "application/x-amz-json-1.1", report);
      checkJsonBody(model, shape, sent, report);
      return;
    default:
      checkBound(model, shape, labels, sent, report);
      checkBody(model, shape, sent, report);
      return;
  }
}

function checkForm(model: Model, shape: Shape, member: Member, sent: Sent, report: Report): void {
  expectType(sent, "application/x-www-form-urlencoded", report);
  const form = new URLSearchParams(sent.body.toString("utf8"));
  form.delete("Action");
  form.delete("Version");
  if (shape.members !== undefined) checkTree(model, member, formTree(form), "", report);
  else for (const name of form.keys()) report(name, "is no member of the model");
}

/** What travels outside the body. */
function checkBound(
  model: Model,
  shape: Shape,
  labels: ReadonlyMap<string, string>,
  { url, headers }: Sent,
  report: Report,
): void {
  const query = new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?") + 1) : "");
  const known = new Set<string>();
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const wireName = member.locationName ?? name;
    if (member.location === undefined) continue;
    known.add(wireName);
    const values = boundValues(member, wireName, labels, query, headers);
    if (values.length === 0 && shape.required?.includes(name)) report(name, "is required");
    checkValues(model, member, values, name, report);
  }
  for (const name of query.keys()) if (!known.has(name)) report(`?${name}`, "is no member of the model");
}

function boundValues(
  { location }: Member,
  wireName: string,
  labels: ReadonlyMap<string, string>,
  query: URLSearchParams,
  headers: Sent["headers"],
): readonly string[] {
  if (location === "querystring") return query.getAll(wireName);
  const value = location === "uri" ? labels.get(wireName) : header(headers, wireName.toLowerCase());
  return value === undefined ? [] : [value];
}

function checkValues(model: Model, member: Member, values: readonly string[], path: string, report: Report): void {
  const shape = shapeOf(model, member.shape);
  const item = shape.type === "list" ? shape.member : undefined;
  if (item !== undefined && values.length > 0) checkBounds(shape, values.length, "length", path, report);
  if (item === undefined && values.length > 1) report(path, "is there twice");
  for (const value of values) checkText(model, item ?? member, value, path, report, "iso8601");
}

function checkBody(model: Model, shape: Shape, sent: Sent, report: Report): void {
  const payload = shape.payload === undefined ? undefined : shape.members?.[shape.payload];
  const isBlob = payload !== undefined && ["blob", "string"].includes(shapeOf(model, payload.shape).type);
  if (isBlob) return;
  const hasBodyMembers = Object.values(shape.members ?? {}).some(({ location }) => location === undefined);
  if (!hasBodyMembers) {
    if (sent.body.length > 0 && sent.body.toString("utf8") !== "{}") report("(body)", "the model has no body");
    return;
  }
  if (sent.body.length > 0) expectType(sent, "application/json", report);
  if (payload === undefined) {
    checkJsonBody(model, shape, sent, report);
    return;
  }
  const value = parse(sent.body, report);
  if (value !== undefined) checkJson(model, payload, value, shape.payload ?? "", report);
}

function checkJsonBody(model: Model, shape: Shape, sent: Sent, report: Report): void {
  const value = sent.body.length === 0 ? {} : parse(sent.body, report);
  if (value !== undefined) checkStructure(model, shape, value, "", report);
}

function parse(body: Buffer, report: Report): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    report("(body)", "is no JSON");
    return undefined;
  }
}

function expectType({ headers }: Sent, expected: string, report: Report): void {
  const type = header(headers, "content-type")?.replace(/;.*$/, "");
  if (type !== expected) report("(content-type)", `is ${type ?? "missing"}, not ${expected}`);
}
