import type { Environment } from "./backends/backend.ts";
import { ApiError, misconfigured, upstreamFailed } from "./errors.ts";

/** Where a key is kept, as models.json names it. */
export interface SecretReference {
  readonly source: "ssm" | "secretsmanager" | "env";
  readonly name: string;
}

/** The secrets of one function instance. */
export interface Secrets {
  /**
   * The secret, from memory while it is younger than five minutes. Rejects with an `ApiError` whose message names neither
   * the secret nor its place: 500 the configuration is at fault, 502 its store is. When `signal` aborts, it rejects with
   * the signal's reason; a fetch that others share goes on.
   */
  read(reference: SecretReference, signal?: AbortSignal): Promise<string>;
  /**
   * Hears that a server refuses `value`. True when the next `read` may give another one: it is here already, or its store,
   * which was not asked for half a minute, is asked again.
   */
  refused(reference: SecretReference, value: string): boolean;
}

/** Asks a store for a secret; undefined when it holds no text. */
type FetchSecret = (name: string, signal: AbortSignal) => Promise<string | undefined>;
type Stores = Readonly<Record<Exclude<SecretReference["source"], "env">, () => Promise<{ fetchSecret: FetchSecret }>>>;

/** Loaded when first asked: each is a client of the AWS SDK. */
const STORES: Stores = {
  ssm: () => import("./secret-stores/ssm.ts"),
  secretsmanager: () => import("./secret-stores/secretsmanager.ts"),
};

const FRESH_MS = 5 * 60_000;
/** How long a value that its store or a server is unhappy with serves before the store is asked again. */
const RETRY_MS = 30_000;
/** Of the 28 s a request has [gateway 4], a store that does not answer may take these. */
const FETCH_LIMIT_MS = 5_000;
/** What a store says when the fault is in the configuration: nothing of that name, no right to it, or no key to open it. */
const MISCONFIGURED =
  /^(ParameterNotFound|ResourceNotFoundException|AccessDenied.*|InvalidKeyId|DecryptionFailure|ValidationException)$/;

interface Held {
  readonly value: string;
  /** On the clock of `now`, as is the other time. */
  readonly askedAt: number;
  readonly freshUntil: number;
}

/**
 * @param now wall time in milliseconds, which also passes while Lambda keeps the process frozen
 * @param stores for tests
 */
export function createSecrets(env: Environment, now: () => number, stores: Stores = STORES): Secrets {
  const held = new Map<string, Held>();
  const fetches = new Map<string, Promise<string>>();

  /** What the store says, or what is known from before when it fails. */
  async function refresh(source: keyof Stores, name: string, key: string): Promise<string> {
    // The SDK prints a notice on Node 20 when a client is made; here it would only be noise in the logs.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
    try {
      const { fetchSecret } = await stores[source]();
      const value = usable(await fetchSecret(name, AbortSignal.timeout(FETCH_LIMIT_MS)), source, name);
      held.set(key, { value, askedAt: now(), freshUntil: now() + FRESH_MS });
      return value;
    } catch (error) {
      const old = held.get(key);
      if (old === undefined) throw error instanceof ApiError ? error : unreadable(error, source, name);
      held.set(key, { ...old, askedAt: now(), freshUntil: now() + RETRY_MS });
      return old.value;
    }
  }

  return {
    async read({ source, name }, signal) {
      if (source === "env") return usable(env[name], source, name);
      const key = keyOf(source, name);
      const known = held.get(key);
      if (known !== undefined && now() < known.freshUntil) return known.value;
      const fetching = fetches.get(key) ?? refresh(source, name, key).finally(() => fetches.delete(key));
      fetches.set(key, fetching);
      return signal === undefined ? fetching : untilAborted(fetching, signal);
    },
    refused({ source, name }, value) {
      const key = keyOf(source, name);
      const known = held.get(key);
      if (known === undefined) return false;
      if (known.value !== value) return true;
      if (now() - known.askedAt < RETRY_MS) return false;
      held.set(key, { ...known, freshUntil: now() });
      return true;
    },
  };
}

function keyOf(source: string, name: string): string {
  return `${source} ${name}`;
}

/** The secret as a header takes it; files end in a newline that belongs to no key. */
function usable(value: string | undefined, source: string, name: string): string {
  const trimmed = value?.trim() ?? "";
  if (trimmed === "") throw noKey(`no text in ${source}:${name}`);
  return trimmed;
}

function noKey(reason: string): ApiError {
  return misconfigured("The gateway has no key for this model; its log says why.", { reason });
}

/** Only the error's name is kept: messages of AWS name the role and the account. */
function unreadable(error: unknown, source: string, name: string): ApiError {
  const kind = error instanceof Error ? error.name : "no answer";
  const reason = `${source}:${name}: ${kind}`;
  if (MISCONFIGURED.test(kind)) return noKey(reason);
  return upstreamFailed("The gateway could not read the key for this model.", { reason });
}

/** Settles as `promise` does, or rejects when `signal` aborts first. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
