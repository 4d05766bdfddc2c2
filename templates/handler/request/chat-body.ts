import { badRequest, tooLarge } from "../errors.ts";
import { isNestedDeeper, isRecord, NESTING_LIMIT } from "../json.ts";
import { DEFAULT_ALIAS, type Limits } from "../models.ts";
import type { ChatRequest } from "./chat-request.ts";
import { Fields } from "./fields.ts";
import { readMessages } from "./messages.ts";
import { readResponseFormat, readToolChoice, readTools } from "./tools.ts";

/** Settings passed on as they are to the providers that have them. */
const SETTINGS: Readonly<Record<string, (body: Fields, name: string) => unknown>> = {
  frequency_penalty: (body, name) => body.number(name),
  logit_bias: (body, name) => readBias(body, name),
  parallel_tool_calls: (body, name) => body.flag(name),
  presence_penalty: (body, name) => body.number(name),
  reasoning_effort: (body, name) => body.text(name),
  seed: (body, name) => body.integer(name, Number.MIN_SAFE_INTEGER),
};

/** A body that asks for a completion, read. */
export interface ChatCall {
  readonly alias: string;
  readonly request: ChatRequest;
}

/** The fields of a request's body. Throws an `ApiError` (400) when it is no JSON object. */
export function bodyFields(body: unknown): Fields {
  if (isRecord(body)) return new Fields(body);
  throw badRequest("invalid_body", 'The request body must be a JSON object such as {"prompt":"Hello"}.');
}

/**
 * Reads a chat completion request in OpenAI's shape. Unknown fields are ignored; what is known and cannot be had is
 * refused. Throws an `ApiError` naming the field: 400, or 413 for more than `limits.promptBytes` of messages, tools and
 * settings; `promptField` is where the caller has put the messages.
 */
export function readChatBody(body: Fields, limits: Limits, promptField = "messages"): ChatCall {
  refuseUnavailable(body);
  const alias = body.text("model") ?? DEFAULT_ALIAS;
  const tools = readTools(body);
  const request = {
    messages: readMessages(body),
    maxTokens: readMaxTokens(body, limits),
    temperature: body.number("temperature"),
    topP: body.number("top_p"),
    stop: readStop(body),
    tools,
    toolChoice: readToolChoice(body, tools),
    responseFormat: readResponseFormat(body),
    settings: readSettings(body),
  };
  refuseOversized(body, limits, promptField);
  return { alias, request };
}

/** What OpenAI's API has and this gateway has nowhere to put. */
function refuseUnavailable(body: Fields): void {
  if ((body.integer("n", 1) ?? 1) > 1) throw body.invalid("n", "1: the gateway gives one choice an answer");
  if (body.flag("logprobs") === true) throw body.invalid("logprobs", "false: the gateway does not pass them on");
  for (const [name, instead] of [
    ["functions", "tools"],
    ["function_call", "tool_choice"],
  ] as const) {
    if (body.value(name) !== undefined) throw body.invalid(name, `left out; "${instead}" has taken its place`);
  }
  if (body.list("modalities")?.some((one) => one !== "text")) {
    throw body.invalid("modalities", '["text"]: the gateway answers with nothing else');
  }
  if (body.value("audio") !== undefined) throw body.invalid("audio", "left out: the gateway answers with text");
}

function readMaxTokens(body: Fields, { defaultMaxTokens, maxTokens }: Limits): number {
  const name = body.value("max_completion_tokens") === undefined ? "max_tokens" : "max_completion_tokens";
  const wanted = body.integer(name, 1) ?? defaultMaxTokens;
  if (wanted > maxTokens) throw body.invalid(name, `at most ${maxTokens}, which is this gateway's limit`);
  return wanted;
}

function readStop(body: Fields): string[] | undefined {
  const stop = body.value("stop");
  const list: readonly unknown[] = Array.isArray(stop) ? stop : stop === undefined ? [] : [stop];
  const texts = list.filter((one) => typeof one === "string" && one !== "");
  if (texts.length !== list.length) throw body.invalid("stop", "a text or a list of texts, none of them empty");
  return texts.length === 0 ? undefined : texts.map(String);
}

function readSettings(body: Fields): Record<string, unknown> {
  const settings = Object.entries(SETTINGS).map(([name, read]) => [name, read(body, name)] as const);
  return Object.fromEntries(settings.filter(([, value]) => value !== undefined));
}

/** Tokens, and how much more or less likely each is to be. */
function readBias(body: Fields, name: string): Readonly<Record<string, unknown>> | undefined {
  const bias = body.record(name);
  if (Object.values(bias ?? {}).every((value) => typeof value === "number")) return bias;
  throw body.invalid(name, "an object of numbers");
}

/** The fields that may be of any size, or nested as deep as the caller likes. */
const UNBOUNDED = ["messages", "tools", "tool_choice", "response_format", "stop", "logit_bias", "reasoning_effort"];

function refuseOversized(body: Fields, { promptBytes }: Limits, promptField: string): void {
  let bytes = 0;
  for (const name of UNBOUNDED) {
    const value = body.value(name);
    // JSON.parse takes any depth, JSON.stringify and the AWS SDK only what fits on the stack.
    if (isNestedDeeper(value)) throw body.invalid(name, `nested at most ${NESTING_LIMIT} levels deep`);
    if (value !== undefined) bytes += Buffer.byteLength(JSON.stringify(value));
  }
  if (bytes <= promptBytes) return;
  throw tooLarge(`This gateway takes ${promptBytes} bytes of messages, tools and settings.`, { param: promptField });
}
