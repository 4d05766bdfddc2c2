import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { GetFunctionCommand } from "@aws-sdk/client-lambda";
import type { Aws } from "../aws/clients.ts";
import { unlessMissing } from "../aws/failures.ts";
import type { Identity } from "../aws/kind.ts";
import { CODE_TAG, namesOf } from "../aws/names.ts";
import { observe, observedOf } from "../aws/observe.ts";
import { functionTags } from "../aws/resources/function-read.ts";
import { listRoutes } from "../aws/resources/route.ts";
import { isOwned } from "../aws/resources/tags.ts";
import { gatewayNodes, NO_CODE } from "../aws/stack.ts";
import { parseJsonText } from "../config/json-text.ts";
import type { Flags } from "../config/settings.ts";
import type { Gateway } from "../config.ts";
import { GatewayError, usageError } from "../errors.ts";
import { hasCode } from "../fs-error.ts";
import type { Io } from "../io.ts";
import type { Progress } from "../progress.ts";
import { wrapped } from "../text.ts";
import { warningText } from "../warning.ts";
import { promptRoute, routeUrls } from "./endpoint.ts";
import { httpEvent } from "./http-event.ts";
import { type Answer, errorMessage, errorType, outputText } from "./invoke-answer.ts";
import { hintFor, longerThan, longerThanHttp } from "./invoke-hints.ts";
import { sendSigned } from "./invoke-http.ts";
import { invokeFunction } from "./invoke-lambda.ts";
import { whileWaiting } from "./invoke-waiting.ts";
import { warningsOf } from "./invoke-warnings.ts";
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
  const sent = (flags.via === "lambda" ? viaLambda : viaHttp)(session, body, io);
  const { answer, longer } = await whileWaiting(sent, flags, io, progress);
  const durationMs = Math.round(io.clock.elapsed() - start);
  const limit = flags.data === undefined ? "--max-tokens N" : '"max_tokens" in --data';
  for (const warning of warningsOf(answer, limit, longer)) {
    io.stderr(`${wrapped(warningText(warning, flags, io), io.terminals.stderr)}\n`);
  }
  if (answer.status < 200 || answer.status > 299) {
    const { status, requestId } = answer;
    const id = requestId === undefined ? "" : ` (request id ${requestId})`;
    throw new GatewayError("InvokeFailed", `the gateway answered ${status}: ${errorMessage(answer)}${id}`, {
      hint: hintFor(answer, longer),
      answer: { status, requestId, errorType: errorType(answer) },
    });
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

/** An answer, and what gets longer ones. */
interface Sent {
  readonly answer: Answer;
  readonly longer: string;
}

async function viaHttp({ gateway, aws, ctx, state, identify }: Session, body: string, io: Io): Promise<Sent> {
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
  const answer = await sendSigned({ method: url.method, url: url.url, body }, signing, io.signal);
  return { answer, longer: longerThanHttp(gateway.function.timeout) };
}

/** The configuration's route for prompts if it exists, else that of all there are: flags of deploy are not known here. */
async function publishedRoute(aws: Aws, gateway: Gateway, apiId: string) {
  const all = await listRoutes({ aws }, apiId);
  const keys = all.map(({ routeKey }) => routeKey).sort();
  const configured = gateway.routes.filter((key) => keys.includes(key));
  if (keys.length === 0) throw notDeployed(gateway);
  const routeKey = promptRoute(configured) ?? promptRoute(keys);
  if (routeKey === undefined) throw noRoute(keys);
  const isSigned = all.some((route) => route.routeKey === routeKey && route.authorizationType === "AWS_IAM");
  return { routeKey, isSigned };
}

async function viaLambda({ gateway, aws, ctx, identify }: Session, body: string, io: Io): Promise<Sent> {
  const { identity, confirm } = await identify();
  const { functionName: FunctionName } = namesOf(gateway, identity);
  const found = await confirm(unlessMissing(aws.lambda.send(new GetFunctionCommand({ FunctionName }))));
  if (found?.Configuration === undefined || !isOwned(ctx, functionTags(found))) throw notDeployed(gateway);
  // Its own errors may quote them, and flags of deploy are not known here.
  io.hide(Object.values(found.Configuration.Environment?.Variables ?? {}));
  const timeoutSeconds = found.Configuration.Timeout ?? gateway.function.timeout;
  const tag = found.Tags?.[CODE_TAG];
  const isBuiltin = tag === "builtin" || tag === "builtin-copy";
  const target = { functionName: FunctionName, timeoutSeconds, isBuiltin };
  const answer = await invokeFunction(aws, target, isBuiltin ? body : eventOf(gateway, identity, body, io), io.signal);
  return { answer, longer: longerThan(timeoutSeconds) };
}

/** A user's function gets the event it knows; the built-in one takes a bare body, and then keeps to no limit of HTTP. */
function eventOf(gateway: Gateway, { account }: Identity, body: string, { clock }: Io): string {
  const routeKey = promptRoute(gateway.routes);
  if (routeKey === undefined) throw noRoute(gateway.routes);
  return JSON.stringify(httpEvent(routeKey, gateway, account, body, clock.now()));
}

function noRoute(routeKeys: readonly string[]): GatewayError {
  return usageError(
    `no route takes a prompt: ${routeKeys.join(", ")}`,
    'Call the URL that llm-gw status shows with another client, or add a route like "POST /inference" and deploy.',
  );
}

function notDeployed({ name, stage, region }: Gateway): GatewayError {
  return new GatewayError("NotDeployed", `${name}-${stage} is not deployed in ${region}`, {
    hint: `Deploy it first, or name another gateway with --name, --stage, --region or --local. Those that exist there: llm-gw list --region ${region}`,
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
