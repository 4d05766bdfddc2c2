import * as z from "zod";
import type { Account } from "../store.ts";
import { EVENT_STREAM, encodeJsonEvent } from "../wire/event-stream.ts";
import { RawReply, restJsonWire } from "../wire/rest-json.ts";
import { operationsOf, type Service } from "../wire/service.ts";

const operation = operationsOf("Bedrock", "ValidationException");

const block = z.looseObject({ text: z.string().optional() });
const converse = z.looseObject({
  modelId: z.string().min(1),
  messages: z.array(z.looseObject({ role: z.enum(["user", "assistant"]), content: z.array(block).min(1) })).min(1),
});

/**
 * No model runs here: every model id answers with the prompt, and says that it does. It lets a gateway with models on
 * Bedrock be deployed, called and removed as on AWS.
 */
export const bedrock: Service = {
  name: "bedrock",
  operations: new Map([
    [
      "Converse",
      operation(converse, (_account, input) => {
        const { label, prompt, ...end } = echo(input);
        return { output: { message: { role: "assistant", content: [{ text: `${label}${prompt}` }] } }, ...end };
      }),
    ],
    [
      "ConverseStream",
      operation(converse, (_account, input) => {
        const body = Buffer.concat([...streamed(input)]);
        return new RawReply({ status: 200, headers: { "content-type": EVENT_STREAM }, body });
      }),
    ],
  ]),
  wire: restJsonWire({
    service: "Bedrock",
    routes: [
      { operation: "Converse", method: "POST", path: "/model/{modelId}/converse", status: 200 },
      { operation: "ConverseStream", method: "POST", path: "/model/{modelId}/converse-stream", status: 200 },
    ],
    invalidCode: "ValidationException",
    errorBody: ({ message }) => ({ message }),
  }),
  permission(account, { operation: name, input }) {
    const id: unknown = typeof input === "object" && input !== null ? Reflect.get(input, "modelId") : undefined;
    const action = name === "ConverseStream" ? "bedrock:InvokeModelWithResponseStream" : "bedrock:InvokeModel";
    return { action, resource: arnOf(account, String(id)), deniedStatus: 403 };
  },
};

/** Of a model of the Region, or of an inference profile, whose ids begin with a geography. */
function arnOf({ region, accountId }: Account, modelId: string): string {
  if (modelId.startsWith("arn:")) return modelId;
  const isProfile = /^(us|us-gov|eu|apac|jp|au|ca|global)\./.test(modelId);
  return `arn:aws:bedrock:${region}:${isProfile ? `${accountId}:inference-profile` : ":foundation-model"}/${modelId}`;
}

function* streamed(input: z.infer<typeof converse>): Generator<Uint8Array> {
  const { label, prompt, stopReason, usage, metrics } = echo(input);
  yield encodeJsonEvent("messageStart", { role: "assistant" });
  for (const text of [label, prompt]) {
    yield encodeJsonEvent("contentBlockDelta", { contentBlockIndex: 0, delta: { text } });
  }
  yield encodeJsonEvent("contentBlockStop", { contentBlockIndex: 0 });
  yield encodeJsonEvent("messageStop", { stopReason });
  yield encodeJsonEvent("metadata", { usage, metrics });
}

/** The text of the last message behind a label that says what this is. */
function echo({ messages }: z.infer<typeof converse>) {
  const label = "[echo of the local AWS] ";
  const prompt = (messages.at(-1)?.content ?? []).map(({ text = "" }) => text).join("");
  const inputTokens = words(prompt);
  const outputTokens = words(label) + inputTokens;
  return {
    label,
    prompt,
    stopReason: "end_turn",
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
    metrics: { latencyMs: 0 },
  };
}

function words(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
