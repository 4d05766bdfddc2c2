import type { Answer } from "../../support/relay.ts";
import { checkStructure } from "./check-json.ts";
import { checkTree } from "./check-tree.ts";
import { isCommonError } from "./common-errors.ts";
import { checkText, type Report } from "./constraints.ts";
import { header } from "./exchange.ts";
import { type Model, type Operation, type Shape, shapeOf } from "./model.ts";
import { type Tree, xmlTree } from "./tree.ts";

/** Checks an answer against the output, or the errors, that the model gives the operation. */
export function checkAnswer(model: Model, operation: Operation, answer: Answer, report: Report): void {
  if (answer.status >= 300) {
    checkError(model, operation, answer, report);
    return;
  }
  checkStatus(model, operation, answer.status, report);
  if (header(answer.headers, "x-amzn-requestid") === undefined) report("(x-amzn-requestid)", "is missing");
  if (model.metadata.protocol === "query") {
    checkXml(model, operation, answer, report);
    return;
  }
  const shape: Shape = operation.output ? shapeOf(model, operation.output.shape) : { type: "structure" };
  checkHeaders(model, shape, answer, report);
  if (shape.payload === undefined) checkJsonBody(model, shape, answer, report);
}

/** An output that carries the status leaves it open; else it is the operation's. */
function checkStatus(model: Model, { http, output }: Operation, status: number, report: Report): void {
  const members = output === undefined ? {} : (shapeOf(model, output.shape).members ?? {});
  const isOpen = Object.values(members).some(({ location }) => location === "statusCode");
  const expected = http.responseCode ?? 200;
  if (!isOpen && status !== expected) report("(status)", `is ${status}, not ${expected}`);
}

function checkHeaders(model: Model, shape: Shape, { headers }: Answer, report: Report): void {
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    if (member.location !== "header") continue;
    const value = header(headers, (member.locationName ?? name).toLowerCase());
    if (value !== undefined) checkText(model, member, value, name, report, "rfc822");
  }
}

function checkJsonBody(model: Model, shape: Shape, { status, body }: Answer, report: Report): void {
  if (status === 204 && body.length > 0) report("(body)", "a 204 has none");
  if (body.length === 0) return;
  const value = parse(body);
  if (value === undefined) report("(body)", "is no JSON");
  else checkStructure(model, shape, value, "", report);
}

/** `<CreateRoleResponse><CreateRoleResult>…</CreateRoleResult><ResponseMetadata>…` */
function checkXml(model: Model, { name, output }: Operation, { body }: Answer, report: Report): void {
  const response = childOf(parseXml(body), `${name}Response`);
  if (response === undefined) {
    report("(body)", `is no <${name}Response>`);
    return;
  }
  if (childOf(childOf(response, "ResponseMetadata"), "RequestId") === undefined) report("RequestId", "is missing");
  const result = childOf(response, output?.resultWrapper ?? `${name}Result`);
  if (output === undefined) {
    if (result !== undefined && result.children.length > 0) report("(body)", "the model has no output");
  } else if (result === undefined) report("(body)", `has no <${output.resultWrapper}>`);
  else checkTree(model, output, result, "", report);
}

/** The code has to be one of the operation's, with its status and members, or one that all services share. */
function checkError(model: Model, { errors = [] }: Operation, answer: Answer, report: Report): void {
  const code = errorCode(answer);
  if (code === undefined) {
    report("(error)", "has no code");
    return;
  }
  const modelled = errors.find(({ shape }) => shape === code || shapeOf(model, shape).error?.code === code);
  if (modelled === undefined) {
    if (!isCommonError(code, answer.status)) report(`(error ${code} ${answer.status})`, "is no error of the operation");
    return;
  }
  const shape = shapeOf(model, modelled.shape);
  const status = shape.error?.httpStatusCode;
  if (status !== undefined && status !== answer.status)
    report(`(error ${code})`, `has ${answer.status}, not ${status}`);
  if (model.metadata.protocol !== "query") checkErrorBody(model, shape, answer, report);
}

function checkErrorBody(model: Model, shape: Shape, { body }: Answer, report: Report): void {
  const value = parse(body);
  if (typeof value !== "object" || value === null) {
    report("(error body)", "is no JSON object");
    return;
  }
  // Every service has a message, in either spelling; __type is the protocol's.
  const known = new Set(["__type", "message", "Message"]);
  const rest = Object.entries(value).filter(([name]) => !known.has(name));
  if (rest.length === Object.keys(value).length) report("(error body)", "has no message");
  checkStructure(model, { ...shape, required: [] }, Object.fromEntries(rest), "(error body)", report);
}

/** The code of a refusal in any of the protocols; undefined when there is none. */
export function errorCode({ headers, body }: Pick<Answer, "headers" | "body">): string | undefined {
  const named = header(headers, "x-amzn-errortype") ?? jsonCode(parse(body));
  if (named !== undefined) return named.replace(/^.*#/, "").replace(/:.*$/, "");
  const error = childOf(childOf(parseXml(body), "ErrorResponse"), "Error");
  return childOf(error, "Code")?.text;
}

function jsonCode(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const code: unknown = Reflect.get(value, "__type") ?? Reflect.get(value, "code");
  return typeof code === "string" ? code : undefined;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function parseXml(body: Buffer): Tree | undefined {
  try {
    return xmlTree(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function childOf(tree: Tree | undefined, name: string): Tree | undefined {
  return tree?.children.find((child) => child.name === name)?.tree;
}
