import * as z from "zod";
import { AwsError, notImplemented } from "../aws-error.ts";

const toolName = z
  .string()
  .max(64)
  .regex(/^[a-zA-Z0-9_-]+$/);
const toolUseId = z
  .string()
  .max(64)
  .regex(/^[a-zA-Z0-9_.:-]+$/);
const document = z.record(z.string(), z.unknown());

const block = z.strictObject({
  text: z.string().optional(),
  toolUse: z.strictObject({ toolUseId, name: toolName, input: document }).optional(),
  toolResult: z
    .strictObject({
      toolUseId,
      content: z.array(z.strictObject({ text: z.string().optional(), json: document.optional() })),
      status: z.enum(["success", "error"]).optional(),
    })
    .optional(),
});

/**
 * What `Converse` and `ConverseStream` take, in the bounds of AWS's model. Left out is what would need a model that runs:
 * images, documents, guardrails, a tool that has to be called, an answer in a given form.
 */
export const converse = z.strictObject({
  modelId: z
    .string()
    .max(2048)
    .regex(/^(arn:aws[a-z-]*:(bedrock|sagemaker):[a-z0-9-]+:(\d{12})?:[a-z-]+\/[\w.:/-]+|[\w.:-]+)$/),
  messages: z
    .array(z.strictObject({ role: z.enum(["user", "assistant", "system"]), content: z.array(block) }))
    .default([]),
  system: z.array(z.strictObject({ text: z.string().min(1) })).optional(),
  inferenceConfig: z
    .strictObject({
      maxTokens: z.int().min(1).optional(),
      temperature: z.number().min(0).max(1).optional(),
      topP: z.number().min(0).max(1).optional(),
      stopSequences: z.array(z.string().min(1)).max(2500).optional(),
    })
    .optional(),
  toolConfig: z
    .strictObject({
      tools: z
        .array(
          z.strictObject({
            toolSpec: z.strictObject({
              name: toolName,
              description: z.string().min(1).optional(),
              inputSchema: z.strictObject({ json: document }),
              strict: z.boolean().optional(),
            }),
          }),
        )
        .min(1),
      toolChoice: z.strictObject({ auto: z.strictObject({}) }).optional(),
    })
    .optional(),
});

export type ConverseInput = z.output<typeof converse>;
type Message = ConverseInput["messages"][number];

/** Refuses with ValidationException what AWS refuses of a conversation beyond the bounds of its model. */
export function checkConversation({ messages, system = [], toolConfig }: ConverseInput): void {
  const blank = system.findIndex(({ text }) => text.trim() === "");
  if (blank >= 0) {
    // The text is unconfirmed.
    throw refused(
      `The text field in the SystemContentBlock object at system.${blank} is blank. Add text to the text field, and try again.`,
    );
  }
  if (messages.some(({ role }) => role === "system")) throw notImplemented("messages of the role system of Bedrock");
  if (messages[0]?.role !== "user") {
    throw refused(
      "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
    );
  }
  for (const [index, message] of messages.entries()) checkContent(message, `messages.${index}`);
  if (messages.some(({ role }, index) => role === messages[index - 1]?.role)) {
    throw refused(
      "A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.",
    );
  }
  const blocks = messages.flatMap(({ content }) => content);
  if (toolConfig === undefined && blocks.some(({ text }) => text === undefined)) {
    throw refused("The toolConfig field must be defined when using toolUse and toolResult content blocks.");
  }
  for (const [index, message] of messages.entries()) checkResults(message, messages[index - 1], `messages.${index}`);
}

function checkContent({ content }: Message, path: string): void {
  if (content.length === 0) {
    throw refused(
      `The content field in the Message object at ${path} is empty. Add a ContentBlock object to the content field and try again.`,
    );
  }
  for (const [index, block] of content.entries()) {
    const place = `The ContentBlock object at ${path}.content.${index}`;
    // The text is unconfirmed.
    if (Object.keys(block).length !== 1)
      throw refused(`${place} must set one of the following keys: text, toolUse, toolResult.`);
    if (block.text?.trim() === "") {
      throw refused(
        `The text field in the ContentBlock object at ${path}.content.${index} is blank. Add text to the text field, and try again.`,
      );
    }
  }
}

/** Every call of a tool is followed by its result, and nothing else has one. */
function checkResults({ content }: Message, before: Message | undefined, path: string): void {
  const results = content.flatMap(({ toolResult }) => toolResult?.toolUseId ?? []);
  const uses = before?.content.flatMap(({ toolUse }) => toolUse?.toolUseId ?? []) ?? [];
  if (results.length > uses.length) {
    throw refused(
      `The number of toolResult blocks at ${path}.content exceeds the number of toolUse blocks of previous turn.`,
    );
  }
  const missing = uses.filter((id) => !results.includes(id));
  if (missing.length > 0) {
    throw refused(`Expected toolResult blocks at ${path}.content for the following Ids: ${missing.join(", ")}`);
  }
}

function refused(message: string): AwsError {
  return new AwsError("ValidationException", 400, message);
}
