import type { LoggedCall } from "../../src/local/control-plane/call-log.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_ACCOUNT_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/local/credentials.ts";
import { startLocalAws } from "../../src/local/server.ts";
import type { TimingChange } from "../../src/local/timing.ts";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

type Fault = { operation?: string; nth: number; times?: number; effect: "before" | "after" } & (
  | { kind: "drop" }
  | { kind: "throttle" }
  | { kind: "error"; status: number; code: string; message: string }
  | { kind: "delay"; ms: number }
);

/** An AWS that a test has for itself, and what is particular to it. */
interface Served {
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

/**
 * An AWS on a free port, with what a test needs to look into it. LLM_GW_TEST_AWS names another one than the local AWS
 * (see test/compat); LLM_GW_TEST_RECORD a folder that keeps what is asked of the local AWS and what it answers.
 */
export async function startAws(timing: TimingChange = {}) {
  const served = await serve(timing);
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

export type TestAws = Awaited<ReturnType<typeof startAws>>;

async function serve(timing: TimingChange): Promise<Served> {
  const { LLM_GW_TEST_AWS: other, LLM_GW_TEST_RECORD: folder } = process.env;
  if (other !== undefined) return (await import("../compat/emulated-aws.ts")).startEmulatedAws(other);
  const local = await serveLocal(timing);
  return folder === undefined ? local : (await import("../compat/recording.ts")).recorded(local, folder, "cli");
}

async function serveLocal(timing: TimingChange): Promise<Served> {
  const aws = await startLocalAws({ port: 0, timing, knownKeysOnly: true });
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
    async calls() {
      const logged: LoggedCall[] = JSON.parse(await (await admin("GET", "calls")).text());
      await admin("DELETE", "calls");
      return logged;
    },
    faults: (...list) => admin("PUT", "faults", list),
    timing: (change) => admin("PUT", "timing", change),
  };
}
