import type { Account } from "../store/account.ts";
import { EVENT_STREAM } from "../wire/event-stream.ts";
import { RawReply, restJsonWire } from "../wire/rest-json.ts";
import { operationsOf, type Service } from "../wire/service.ts";
import { echo, events } from "./bedrock-answer.ts";
import { type ConverseInput, checkConversation, converse } from "./bedrock-request.ts";
import { checkModel, resourcesOf } from "./bedrock-resources.ts";

const operation = operationsOf("Bedrock", "ValidationException");

/** `Converse` and `ConverseStream` differ in how they answer, and in nothing they take. */
function conversation(answer: (input: ConverseInput) => unknown) {
  return operation(converse, (account: Account, input) => {
    checkModel(account, input.modelId);
    checkConversation(input);
    return answer(input);
  });
}

/**
 * No model runs here: every model id answers with the prompt, and says that it does. It lets a gateway with models on
 * Bedrock be deployed, called and removed as on AWS.
 */
export const bedrock: Service = {
  name: "bedrock",
  operations: new Map([
    [
      "Converse",
      conversation((input) => {
        const { pieces, ...end } = echo(input);
        return { output: { message: { role: "assistant", content: [{ text: pieces.join("") }] } }, ...end };
      }),
    ],
    [
      "ConverseStream",
      conversation((input) => {
        const body = Buffer.concat([...events(echo(input))]);
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
    return { action, resources: resourcesOf(account, String(id)), deniedStatus: 403 };
  },
};
