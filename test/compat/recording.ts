import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Answer, listen, reply, type Sent, sendOn } from "../support/relay.ts";
import type { Exchange } from "./model/exchange.ts";

/** Who asked: the end-to-end tests, boto3, or the differential test, whose requests are wrong on purpose. */
export type Client = "cli" | "boto3" | "differential";

interface Aws {
  readonly url: string;
  close(): Promise<void>;
}

/** Puts a recorder in front of an AWS: what goes through it is kept in `folder`. The AWS ends with it. */
export async function recorded<A extends Aws>(aws: A, folder: string, client: Client): Promise<A> {
  const file = join(folder, `${client}-${process.pid}.ndjson`);
  const recorder = await listen(async (sent, outgoing) => {
    const answer = await sendOn(aws.url, sent).catch(() => undefined);
    appendFileSync(file, `${JSON.stringify(pack(sent, answer))}\n`);
    if (answer === undefined) outgoing.destroy();
    else reply(outgoing, answer);
  });
  return {
    ...aws,
    url: recorder.url,
    async close() {
      await recorder.close();
      await aws.close();
    },
  };
}

/** Everything one client has asked so far, in all processes. */
export function recordings(folder: string, client: Client): Exchange[] {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${client}-`));
  return files.flatMap((name) => {
    const lines = readFileSync(join(folder, name), "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => unpack(JSON.parse(line)));
  });
}

interface Packed<Body> {
  readonly sent: Omit<Sent, "body"> & { readonly body: Body };
  readonly answer?: Omit<Answer, "body"> & { readonly body: Body };
}

function pack(sent: Sent, answer: Answer | undefined): Packed<string> {
  return {
    sent: { ...sent, body: sent.body.toString("base64") },
    ...(answer && { answer: { ...answer, body: answer.body.toString("base64") } }),
  };
}

function unpack({ sent, answer }: Packed<string>): Exchange {
  return {
    sent: { ...sent, body: Buffer.from(sent.body, "base64") },
    answer: answer && { ...answer, body: Buffer.from(answer.body, "base64") },
  };
}
