import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { GetRoutesCommand } from "@aws-sdk/client-apigatewayv2";
import { GetFunctionCommand } from "@aws-sdk/client-lambda";
import type { Aws } from "../aws/clients.ts";
import { unlessMissing } from "../aws/failures.ts";
import { CODE_TAG, namesOf } from "../aws/names.ts";
import { observe, observedOf } from "../aws/observe.ts";
import { listAll } from "../aws/resources/api-calls.ts";
import { functionTags } from "../aws/resources/function-read.ts";
import { isOwned } from "../aws/resources/tags.ts";
import { gatewayNodes, NO_CODE } from "../aws/stack.ts";
import { parseJsonText } from "../config/json-text.ts";
import type { Flags } from "../config/settings.ts";
import type { Gateway } from "../config.ts";
import { GatewayError, usageError } from "../errors.ts";
import { hasCode } from "../fs-error.ts";
import type { Io } from "../io.ts";
import type { Progress } from "../progress.ts";
import { mainRoute, routeUrls } from "./endpoint.ts";
import { type Answer, errorMessage, isGatewayNotFound, LOG_HINT, outputText } from "./invoke-answer.ts";
import { sendSigned } from "./invoke-http.ts";
import { invokeFunction } from "./invoke-lambda.ts";
import { requireLocalAws } from "./local-aws.ts";
import { openSession, readGateway, type Session } from "./session.ts";

export interface InvokeResult {
  readonly status: number;
  readonly requestId: string | null;
  /** Parsed where it is JSON. */
  readonly body: unknown;
  readonly durationMs: number;
  /** For people: the answer's text, or with --raw its body. */
  readonly lines: readonly string[];
}

/**
 * Sends one prompt to the deployed gateway and returns its answer.
 * @throws GatewayError InvokeFailed for an answer that is not 2xx, with its status, message and request id
 */
export async function invoke(flags: Flags, io: Io, progress: Progress): Promise<InvokeResult> {
  const body = await requestBody(flags, io);
  const gateway = await readGateway(flags, io);
  if (gateway.local) await requireLocalAws(io);
  const session = await openSession(gateway, flags, io, progress);
  const start = io.clock.elapsed();
  const answer = flags.via === "lambda" ? await viaLambda(session, body, io) : await viaHttp(session, body, io);
  const durationMs = Math.round(io.clock.elapsed() - start);
  if (answer.status < 200 || answer.status > 299) {
    const id = answer.requestId === undefined ? "" : ` (request id ${answer.requestId})`;
    throw new GatewayError("InvokeFailed", `the gateway answered ${answer.status}: ${errorMessage(answer)}${id}`, {
      hint: hintFor(answer),
    });
  }
  if (answer.isTruncated) {
    io.stderr("warning: time ran out, and the answer ends there; for longer answers: llm-gw invoke --via lambda\n");
  }
  const { status, requestId = null } = answer;
  return {
    status,
    requestId,
    body: answer.json ?? answer.text,
    durationMs,
    lines: [flags.raw === true ? answer.text : outputText(answer)],
  };
}

function hintFor({ status, text }: Answer): string {
  if (status === 404 && isGatewayNotFound(text)) return "The route is not published. Run: llm-gw status";
  if (status === 400 || status === 404) return "The function answered so: check the prompt and the model.";
  return HINTS[status] ?? LOG_HINT;
}

const HINTS: Readonly<Record<number, string>> = {
  401: "The upstream or the route does not accept who you are.",
  403: "Your AWS identity needs execute-api:Invoke on this API; a new one may need a minute.",
  429: "Too many requests for the configured throttle; try again in a second.",
  503: "API Gateway waits 30 s at most. For longer answers: llm-gw invoke --via lambda",
  504: "The model took longer than API Gateway waits. For longer answers: llm-gw invoke --via lambda",
};

async function viaHttp({ gateway, aws, ctx, state, identify }: Session, body: string, io: Io): Promise<Answer> {
  const { identity, confirm } = await identify();
  const { api } = gatewayNodes(gateway, identity, NO_CODE);
  const observed = observedOf(await confirm(observe(ctx, [api], state.hints)), api);
  // Another's API of our name gets neither the prompt nor a signature.
  if (!observed?.owned) throw notDeployed(gateway);
  const { apiId, apiEndpoint } = observed.live;
  const route = await publishedRoute(aws, gateway, apiId);
  const [url] = routeUrls({ ...gateway, routes: [route.routeKey] }, apiEndpoint);
  if (url === undefined) throw notDeployed(gateway);
  const signing = route.isSigned ? { region: gateway.region, credentials: await aws.credentials() } : undefined;
  return sendSigned({ method: url.method, url: url.url, body }, signing, io.signal);
}

/** The configuration's main route if it exists, else any that takes a POST: flags of deploy are not known here. */
async function publishedRoute(aws: Aws, gateway: Gateway, ApiId: string) {
  const all = await listAll((NextToken) => aws.apigateway.send(new GetRoutesCommand({ ApiId, NextToken })));
  const keys = all.flatMap(({ RouteKey }) => RouteKey ?? []).sort();
  const configured = gateway.routes.filter((key) => keys.includes(key));
  const routeKey = mainRoute(configured.length > 0 ? configured : keys);
  if (routeKey === undefined) throw notDeployed(gateway);
  const isSigned = all.some(
    ({ RouteKey, AuthorizationType }) => RouteKey === routeKey && AuthorizationType === "AWS_IAM",
  );
  return { routeKey, isSigned };
}

async function viaLambda({ gateway, aws, ctx, identify }: Session, body: string, io: Io): Promise<Answer> {
  const { identity, confirm } = await identify();
  const { functionName: FunctionName } = namesOf(gateway, identity);
  const found = await confirm(unlessMissing(aws.lambda.send(new GetFunctionCommand({ FunctionName }))));
  if (found?.Configuration === undefined || !isOwned(ctx, functionTags(found))) throw notDeployed(gateway);
  // Its own errors may quote them, and flags of deploy are not known here.
  io.hide(Object.values(found.Configuration.Environment?.Variables ?? {}));
  const timeoutSeconds = found.Configuration.Timeout ?? gateway.function.timeout;
  const isBuiltin = found.Tags?.[CODE_TAG] === "builtin";
  return invokeFunction(aws, gateway, { functionName: FunctionName, timeoutSeconds, isBuiltin }, body);
}

function notDeployed({ name, stage, region }: Gateway): GatewayError {
  return new GatewayError("NotDeployed", `${name}-${stage} is not deployed in ${region}`, {
    hint: "Deploy it first, or name another gateway with --name, --stage, --region or --local.",
  });
}

/** The request's body from exactly one of --prompt, --file and --data. */
async function requestBody(flags: Flags, io: Io): Promise<string> {
  const given = ["prompt", "file", "data"].filter((name) => flags[name] !== undefined);
  if (given.length !== 1) {
    throw usageError(
      given.length === 0 ? "there is nothing to send" : `--${given.join(" and --")} exclude each other`,
      'Give one of --prompt "...", --file FILE (- for standard input) or --data JSON.',
    );
  }
  if (typeof flags.data === "string") {
    if (flags.model !== undefined || flags.maxTokens !== undefined) {
      throw usageError("--model and --max-tokens go with a prompt", "Put them into the JSON of --data.");
    }
    const read = parseJsonText(flags.data, { disallowComments: true });
    if ("expected" in read) {
      const place = `line ${read.line}, column ${read.column}`;
      throw usageError(`--data is not JSON: ${place}: ${read.expected}`, `It looks like '{"prompt":"Hello"}'.`);
    }
    return flags.data;
  }
  const prompt = typeof flags.prompt === "string" ? flags.prompt : await readPrompt(String(flags.file), io);
  if (prompt.trim() === "") throw usageError("the prompt is empty", 'Ask something: --prompt "..."');
  const model = typeof flags.model === "string" ? { model: flags.model } : {};
  const maxTokens = typeof flags.maxTokens === "number" ? { max_tokens: flags.maxTokens } : {};
  return JSON.stringify({ prompt, ...model, ...maxTokens });
}

async function readPrompt(file: string, io: Io): Promise<string> {
  if (file === "-") return (await io.stdin()).trimEnd();
  try {
    return await readFile(resolve(io.cwd, file), "utf8");
  } catch (error) {
    const reason = hasCode(error, "ENOENT") ? "does not exist" : "cannot be read";
    throw usageError(`--file ${file} ${reason}`, "Name a text file, or - for standard input.");
  }
}
