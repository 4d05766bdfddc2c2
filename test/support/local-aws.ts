import type { LoggedCall } from "../../src/local/control-plane/call-log.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/local/credentials.ts";
import { startLocalAws } from "../../src/local/server.ts";
import type { TimingChange } from "../../src/local/timing.ts";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

export type Fault = {
  service?: string;
  operation?: string;
  nth: number;
  times?: number;
  effect: "before" | "after";
} & (
  | { kind: "drop" }
  | { kind: "hang" }
  | { kind: "throttle" }
  | { kind: "error"; status: number; code: string; message: string }
  | { kind: "delay"; ms: number }
);

/** A local AWS on a free port, with what a test needs to look into it. */
export async function startAws(timing: TimingChange = {}, log: (line: string) => void = () => undefined) {
  const aws = await startLocalAws({ port: 0, timing, knownKeysOnly: true, log });
  const admin = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${aws.url}/_llm-gw/${path}`, { method, ...init });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer;
  };
  const calls = async (): Promise<LoggedCall[]> => {
    const logged: LoggedCall[] = JSON.parse(await (await admin("GET", "calls")).text());
    await admin("DELETE", "calls");
    return logged;
  };
  const faults = (...list: Fault[]) => admin("PUT", "faults", list);
  return {
    url: aws.url,
    close: aws.close,
    save: aws.save,
    restore: aws.restore,
    /** The environment in which the command line, unchanged, takes this for AWS. */
    env: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: LOCAL_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY: LOCAL_SECRET_ACCESS_KEY,
    },
    /** Configuration of SDK clients that look at the account. */
    client: {
      endpoint: aws.url,
      region: "eu-west-1",
      credentials: { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY },
    },
    /** The calls since this was last asked. */
    calls,
    /** The operations of those that write. */
    mutations: async () => (await calls()).filter(({ mutating }) => mutating).map(({ operation }) => operation),
    faults,
    /** Lets AWS refuse the nth call of an operation from now on, and as many more as `times` says. */
    refuse: (operation: string, status: number, code: string, message: string, { nth = 1, times = 1 } = {}) =>
      faults({ operation, nth, times, effect: "before", kind: "error", status, code, message }),
    timing: (change: TimingChange) => admin("PUT", "timing", change),
  };
}

export type TestAws = Awaited<ReturnType<typeof startAws>>;
