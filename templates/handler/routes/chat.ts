import { ChatEvents, chatCompletion } from "../chat-answer.ts";
import { deltasOf } from "../completion.ts";
import { bodyFields, readChatBody } from "../request/chat-body.ts";
import type { Fields } from "../request/fields.ts";
import type { Call } from "./route.ts";

/**
 * `POST /v1/chat/completions`, as OpenAI's. With `stream: true` the answer is server-sent events: sent as they come where
 * the door can do that, else all at once.
 */
export async function chat({ readBody, table, requestId, createdAt, generate, send }: Call): Promise<object | string> {
  const body = bodyFields(readBody());
  const isStream = body.flag("stream") ?? false;
  const includeUsage = readIncludeUsage(body);
  const call = readChatBody(body, table.limits);
  const head = { requestId, createdAt, alias: call.alias };
  if (!isStream) return chatCompletion(head, (await generate(call)).completion);

  const events = new ChatEvents(head, includeUsage);
  if (send === undefined) {
    const { completion } = await generate(call);
    const pieces = deltasOf(completion).map((delta) => events.piece(delta));
    return `${events.begin()}${pieces.join("")}${events.end(completion)}`;
  }
  let before = events.begin();
  const { completion } = await generate(call, async (delta) => {
    const text = `${before}${events.piece(delta)}`;
    before = "";
    if (text !== "") await send(text);
  });
  return `${before}${events.end(completion)}`;
}

function readIncludeUsage(body: Fields): boolean {
  if (body.value("stream_options") === undefined) return false;
  return body.inner("stream_options").flag("include_usage") ?? false;
}
