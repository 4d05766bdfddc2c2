import * as z from "zod";
import type { Account } from "../store.ts";
import { restJsonWire } from "../wire/rest-json.ts";
import { operationsOf, type Service } from "../wire/service.ts";

const operation = operationsOf("Bedrock", "ValidationException");

const text = z.object({ text: z.string() });
const converse = z.looseObject({
  modelId: z.string().min(1),
  messages: z.array(z.looseObject({ role: z.enum(["user", "assistant"]), content: z.array(text).min(1) })).min(1),
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
      operation(converse, (_account, { messages }) => {
        const prompt =
          messages
            .at(-1)
            ?.content.map((part) => part.text)
            .join("") ?? "";
        const answer = `[echo of the local AWS] ${prompt}`;
        const inputTokens = words(prompt);
        const outputTokens = words(answer);
        return {
          output: { message: { role: "assistant", content: [{ text: answer }] } },
          stopReason: "end_turn",
          usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
          metrics: { latencyMs: 0 },
        };
      }),
    ],
  ]),
  wire: restJsonWire({
    service: "Bedrock",
    routes: [{ operation: "Converse", method: "POST", path: "/model/{modelId}/converse", status: 200 }],
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

function words(prompt: string): number {
  return prompt.split(/\s+/).filter((word) => word !== "").length;
}
