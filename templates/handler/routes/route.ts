import type { Generated } from "../attempt.ts";
import type { Delta } from "../completion.ts";
import type { ModelTable } from "../models.ts";
import type { ChatCall } from "../request/chat-body.ts";

/** One request to a route, without its envelope. */
export interface Call {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly version: string;
  readonly table: ModelTable;
  /** The parsed body. Throws an `ApiError` (400) when it is not JSON. */
  readBody(): unknown;
  /** An answer of the alias's backends. `live` hears each piece as it comes. Rejects with an `ApiError`. */
  generate(chat: ChatCall, live?: (delta: Delta) => Promise<void>): Promise<Generated>;
  /** Sends text to the caller ahead of the answer's end; undefined where the door cannot. */
  readonly send: ((text: string) => Promise<void>) | undefined;
}

/** Answers a call: an object is JSON, a text the server-sent events that are still to be sent. Rejects with an `ApiError`. */
export type Route = (call: Call) => Promise<object | string>;
