import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

/** Sends AWS's answer on, with another body if given one. */
type Reply = (body?: string) => void;
/** Gets a forwarded request after AWS has carried it out, and AWS's answer. */
type Answered = (operation: string, reply: Reply, response: ServerResponse, body: string) => void;

/** Stands between the command line and AWS, and decides when and whether an answer gets through. */
export async function startProxy(target: string, answered: Answered): Promise<string> {
  const server = createServer((incoming, outgoing) => forward(target, incoming, outgoing, answered));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the proxy does not listen");
  return `http://127.0.0.1:${address.port}`;
}

function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse, answered: Answered): void {
  const { method, url = "/", headers } = incoming;
  const sent: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => sent.push(chunk));
  incoming.on("end", () => {
    const body = Buffer.concat(sent);
    const onward = request(new URL(url, target), { method, headers }, (answer) => {
      const received: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => received.push(chunk));
      answer.on("end", () => {
        const whole = Buffer.concat(received);
        const reply: Reply = (changed) => {
          const { "content-length": _length, "transfer-encoding": _encoding, ...rest } = answer.headers;
          outgoing.writeHead(answer.statusCode ?? 500, rest);
          outgoing.end(changed ?? whole);
        };
        const operation = operationOf(method, url, headers["x-amz-target"], body.toString("utf8"));
        answered(operation, reply, outgoing, whole.toString("utf8"));
      });
    });
    onward.on("error", () => outgoing.destroy());
    onward.end(body);
  });
}

/** IAM and STS name the operation in the body, Logs in a header, Lambda and API Gateway by method and path. */
function operationOf(method: string | undefined, url: string, target: unknown, body: string): string {
  if (typeof target === "string") return target.replace(/^.*\./, "");
  return new URLSearchParams(body).get("Action") ?? `${method} ${url}`;
}
