import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import type { ChatCompletionCreateParams } from "openai/resources/chat/completions";
import { llmGwJson } from "../../support/cli.ts";
import { startAws } from "../../support/local-aws.ts";
import { startUpstream } from "./upstream.ts";

export const messages = [{ role: "user" as const, content: "Hi" }];

/**
 * A gateway that the command line has deployed to the local AWS, open to everybody, and OpenAI's own package in front of it.
 * `behaviours` says how the upstream answers for each model, whose name is also the alias.
 */
export async function deployGateway(behaviours: Readonly<Record<string, (response: ServerResponse) => void>>) {
  const aws = await startAws();
  const upstream = await startUpstream((request, response) => behaviours[JSON.parse(request.body).model]?.(response));
  const folder = await mkdtemp(join(tmpdir(), "llm-gw-openai-"));
  const models = Object.keys(behaviours).map((name) => [name, `openai:${upstream.url}/v1#${name}`]);
  const config = {
    auth: "none",
    routes: ["POST /inference", "POST /v1/chat/completions", "GET /v1/models", "GET /health"],
    function: { timeout: 4 },
    throttle: { rate: 1000, burst: 1000 },
    models: { default: "echo:", bedrock: "bedrock:amazon.nova-micro-v1:0", ...Object.fromEntries(models) },
  };
  await writeFile(join(folder, "llm-gw.json"), JSON.stringify(config));
  const { endpoint } = await llmGwJson(folder, aws.env, ["deploy"]);
  const client = new OpenAI({ baseURL: new URL("v1", endpoint).href, apiKey: "not-checked", maxRetries: 0 });
  return {
    aws,
    upstream,
    folder,
    client,
    ask: (model: string, more: Partial<ChatCompletionCreateParams> = {}) =>
      client.chat.completions.create({ model, messages, ...more, stream: false }),
    /** What the upstream was asked last. */
    sent: (): unknown => JSON.parse(upstream.requests.at(-1)?.body ?? ""),
    close: () => Promise.all([aws.close(), upstream.close(), rm(folder, { recursive: true })]),
  };
}

export type Deployed = Awaited<ReturnType<typeof deployGateway>>;
