import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { observe } from "../aws/engine.ts";
import { namesOf } from "../aws/names.ts";
import { gatewayNodes, NO_CODE } from "../aws/stack.ts";
import type { Flags } from "../config/settings.ts";
import { GatewayError, usageError } from "../errors.ts";
import { hasCode } from "../fs-error.ts";
import type { Io } from "../io.ts";
import { routeUrls } from "./endpoint.ts";
import { type Answer, errorText, outputText } from "./invoke-answer.ts";
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
export async function invoke(flags: Flags, io: Io): Promise<InvokeResult> {
  const body = await requestBody(flags, io);
  const gateway = await readGateway(flags, io);
  if (gateway.local) await requireLocalAws(io);
  const session = await openSession(gateway, flags, io);
  const start = performance.now();
  const answer = flags.via === "lambda" ? await viaLambda(session, body) : await viaHttp(session, body, io);
  const durationMs = Math.round(performance.now() - start);
  if (answer.status < 200 || answer.status > 299) {
    const id = answer.requestId === undefined ? "" : ` (request id ${answer.requestId})`;
    throw new GatewayError("InvokeFailed", `the gateway answered ${answer.status}: ${errorText(answer)}${id}`, {
      hint: HINTS[answer.status] ?? "Look into the function's logs.",
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

const HINTS: Readonly<Record<number, string>> = {
  401: "The upstream or the route does not accept who you are.",
  403: "Your AWS identity needs execute-api:Invoke on this API; a new one may need a minute.",
  404: "The route is not published. Run: llm-gw status",
  429: "Too many requests for the configured throttle; try again in a second.",
  503: "API Gateway waits 30 s at most. For longer answers: llm-gw invoke --via lambda",
  504: "The model took longer than API Gateway waits. For longer answers: llm-gw invoke --via lambda",
};

async function viaHttp({ gateway, aws, ctx, state, identify }: Session, body: string, io: Io): Promise<Answer> {
  const { identity, confirmed } = await identify();
  const { api, integration, routes } = gatewayNodes(gateway, identity, NO_CODE);
  const nodes = [api, integration, ...routes];
  const [{ seen }] = await Promise.all([observe(ctx, nodes, state.hints), confirmed]);
  const live = seen.get(api)?.observed?.live;
  const [url] = routeUrls(gateway, String(live && "apiEndpoint" in live ? live.apiEndpoint : ""));
  const [route] = routes;
  const liveRoute = route && seen.get(route)?.observed?.live;
  if (live === undefined || url === undefined || liveRoute === undefined) {
    throw new GatewayError("NotDeployed", `${gateway.name}-${gateway.stage} is not deployed in ${gateway.region}`, {
      hint: "Run llm-gw deploy first, or name another gateway with --name, --stage and --region.",
    });
  }
  const isSigned = "authorizationType" in liveRoute && liveRoute.authorizationType === "AWS_IAM";
  const signing = isSigned ? { region: gateway.region, credentials: await aws.credentials() } : undefined;
  return sendSigned({ method: url.method, url: url.url, body }, signing, io.signal);
}

async function viaLambda({ gateway, aws, identify }: Session, body: string): Promise<Answer> {
  const { identity, confirmed } = await identify();
  await confirmed;
  return invokeFunction(aws, gateway, namesOf(gateway, identity).functionName, body);
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
    try {
      JSON.parse(flags.data);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw usageError(`--data is not JSON: ${message}`, `It looks like '{"prompt":"Hello"}'.`);
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
  if (file === "-") return io.stdin();
  try {
    return await readFile(resolve(io.cwd, file), "utf8");
  } catch (error) {
    const reason = hasCode(error, "ENOENT") ? "does not exist" : "cannot be read";
    throw usageError(`--file ${file} ${reason}`, "Name a text file, or - for standard input.");
  }
}
