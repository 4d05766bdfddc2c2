import type { LoggedCall } from "../../src/local/control-plane/call-log.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_ACCOUNT_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/local/credentials.ts";
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

/** An AWS that a test has for itself, and what is particular to it. */
export interface Served {
  readonly url: string;
  readonly account: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  close(): Promise<void>;
  /** The calls since this was last asked. */
  calls(): Promise<readonly LoggedCall[]>;
  faults(...list: Fault[]): Promise<unknown>;
  timing(change: TimingChange): Promise<unknown>;
}

/** With what the command line and SDK clients need to take it for AWS. */
export function dressed<S extends Served>(served: S) {
  const { url, accessKeyId, secretAccessKey } = served;
  const region = "eu-west-1";
  return {
    ...served,
    /** The environment in which the command line, unchanged, takes this for AWS. */
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    /** Configuration of SDK clients that look at the account. */
    client: { endpoint: url, region, credentials: { accessKeyId, secretAccessKey } },
    /** The operations of those calls since the last look that write. */
    mutations: async () => (await served.calls()).filter(({ mutating }) => mutating).map(({ operation }) => operation),
    /** Lets AWS refuse the nth call of an operation from now on, and as many more as `times` says. */
    refuse: (operation: string, status: number, code: string, message: string, { nth = 1, times = 1 } = {}) =>
      served.faults({ operation, nth, times, effect: "before", kind: "error", status, code, message }),
  };
}

/** The local AWS in this process, on a free port; `log` hears of each call. */
export async function serveLocal(timing: TimingChange, log: (line: string) => void = () => undefined) {
  const aws = await startLocalAws({ port: 0, timing, knownKeysOnly: true, log });
  const admin = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${aws.url}/_llm-gw/${path}`, { method, ...init });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer;
  };
  return {
    url: aws.url,
    account: LOCAL_ACCOUNT_ID,
    accessKeyId: LOCAL_ACCESS_KEY_ID,
    secretAccessKey: LOCAL_SECRET_ACCESS_KEY,
    close: aws.close,
    save: aws.save,
    restore: aws.restore,
    async calls(): Promise<readonly LoggedCall[]> {
      const logged: LoggedCall[] = JSON.parse(await (await admin("GET", "calls")).text());
      await admin("DELETE", "calls");
      return logged;
    },
    faults: (...list: Fault[]) => admin("PUT", "faults", list),
    timing: (change: TimingChange) => admin("PUT", "timing", change),
  };
}

/** The local AWS, whose account can be saved and restored. */
export async function startLocal(log?: (line: string) => void) {
  return dressed(await serveLocal({}, log));
}

export type LocalTestAws = Awaited<ReturnType<typeof startLocal>>;
