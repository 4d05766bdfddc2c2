import * as z from "zod";
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
};

function words(prompt: string): number {
  return prompt.split(/\s+/).filter((word) => word !== "").length;
}
