import type { ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { listen, reply, type Sent, sendOn } from "./relay.ts";

/** Sends AWS's answer on, with another body if given one. */
type Reply = (body?: string) => void;
/** Gets a forwarded request after AWS has carried it out, and AWS's answer. */
type Answered = (operation: string, reply: Reply, response: ServerResponse, body: string) => void;

/** Stands between the command line and AWS, and decides when and whether an answer gets through. */
export async function startProxy(target: string, answered: Answered): Promise<string> {
  const proxy = await listen(async (sent, outgoing) => {
    const answer = await sendOn(target, sent);
    const replied: Reply = (changed) => {
      const body = changed === undefined ? answer.body : Buffer.from(changed);
      reply(outgoing, { ...answer, body });
    };
    answered(operationOf(sent), replied, outgoing, answer.body.toString("utf8"));
  });
  onTestFinished(() => proxy.close());
  return proxy.url;
}

/** IAM and STS name the operation in the body, Logs in a header, Lambda and API Gateway by method and path. */
function operationOf({ method, url, headers, body }: Sent): string {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return target.replace(/^.*\./, "");
  return new URLSearchParams(body.toString("utf8")).get("Action") ?? `${method} ${url}`;
}
