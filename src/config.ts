import { dirname, resolve } from "node:path";
import type * as z from "zod";
import { defaultModels, type Models, parseModel } from "./config/models.ts";
import { configPath, readConfigFile } from "./config/read-file.ts";
import { type Config, configSchema, REGION } from "./config/schema.ts";
import { type Flags, type Override, overrides } from "./config/settings.ts";
import { didYouMean, nearest } from "./config/suggest.ts";
import { usageError } from "./errors.ts";
import type { Io } from "./io.ts";

/** The local AWS pretends to be here; nothing real ever gets this as a default. */
const LOCAL_REGION = "us-east-1";
/** AWS's limit for a function's and for a role's name [aws 3.1, 4.2]. */
const NAME_LENGTH = 64;
const RUNTIMES = [
  ...["nodejs24.x", "nodejs22.x", "python3.14", "python3.13", "python3.12", "python3.11"],
  ...["ruby3.4", "java21", "dotnet8", "provided.al2023"],
];

const METHODS = ["any", "get", "post", "put", "patch", "delete", "head", "options"];

/** One validated description of what to deploy. */
export interface Gateway {
  readonly name: string;
  readonly stage: string;
  readonly region: string;
  /** Whether it lives on the local AWS. */
  readonly local: boolean;
  /** The folder that holds `.llm-gw`: that of llm-gw.json, or the current one. */
  readonly directory: string;
  readonly function: Omit<Config["function"], "code" | "runtime" | "handler" | "architecture"> & {
    readonly source: Source;
    readonly architecture: "arm64" | "x86_64";
  };
  readonly routes: readonly string[];
  readonly auth: Config["auth"];
  readonly throttle: Config["throttle"];
  readonly autoDeploy: boolean;
  readonly accessLogs: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

type Source =
  | { readonly kind: "code"; readonly path: string; readonly runtime: string; readonly handler: string }
  | { readonly kind: "builtin"; readonly models: Models };

/**
 * Flags > environment > llm-gw.json > default, checked as a whole.
 * @param profileRegion tells the region of the AWS profile, asked last
 * @throws GatewayError with exit code 2 that names the setting, where it came from and the nearest valid value
 */
export async function loadGateway(
  flags: Flags,
  io: Pick<Io, "cwd" | "env">,
  profileRegion: () => Promise<string | undefined>,
): Promise<Gateway> {
  const path = configPath(flags, io);
  const file = await readConfigFile(path, flags.config !== undefined);
  const directory = file === undefined ? io.cwd : dirname(path);
  const set = overrides(flags, io.env);
  const variables = environmentFlags(flags.env, io.env);
  const config = check(merge(file ?? {}, set, variables), [...set, ...variableSources(variables)], path);
  const local = flags.local === true;
  const region = config.region ?? (local ? LOCAL_REGION : await profileRegion());
  if (region === undefined) {
    throw usageError("no AWS region is set", 'Give --region, set AWS_REGION, or put "region" into llm-gw.json.');
  }
  if (!REGION.test(region)) throw usageError(`the AWS profile's region "${region}" is no AWS region`);
  checkNames(config, region);
  // A path on the command line is relative to where the user stands, one in the file to the file.
  const isFromFile = !set.some((one) => one.path.join(".") === "function.code");
  const { code: _code, runtime: _runtime, handler: _handler, architecture, ...settings } = config.function;
  const source = sourceOf(config, region, isFromFile ? directory : io.cwd);
  return {
    ...config,
    region,
    local,
    directory,
    function: {
      ...settings,
      source,
      architecture: architecture ?? (source.kind === "builtin" ? "arm64" : "x86_64"),
    },
  };
}

function merge(file: object, set: readonly Override[], variables: Readonly<Record<string, string>>): object {
  const merged: Record<string, unknown> = { ...file };
  for (const { path, value } of set) {
    const [first, second] = path;
    // What is no object stays, for the schema to refuse.
    if (second !== undefined && !isObject(merged[first] ?? {})) continue;
    merged[first] = second === undefined ? value : { ...asObject(merged[first]), [second]: value };
  }
  if (Object.keys(variables).length > 0 && isObject(merged.function ?? {})) {
    const fields = asObject(merged.function);
    merged.function = { ...fields, environment: { ...asObject(fields.environment), ...variables } };
  }
  return merged;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** `--env K=V` sets; `--env K` takes the value from the environment, so that it shows in no process list. */
function environmentFlags(given: unknown, env: Io["env"]): Record<string, string> {
  if (!Array.isArray(given)) return {};
  const variables: Record<string, string> = {};
  for (const text of given.map(String)) {
    const at = text.indexOf("=");
    const name = at < 0 ? text : text.slice(0, at);
    const value = at < 0 ? env[name] : text.slice(at + 1);
    if (value === undefined) throw usageError(`--env ${name}: the environment has no such variable`, "Use --env K=V.");
    variables[name] = value;
  }
  return variables;
}

/** Which settings `--env` made, for messages. */
function variableSources(variables: Readonly<Record<string, string>>): Override[] {
  const names = Object.keys(variables);
  const path = ["function", "environment"] as const;
  const each = names.map((name): Override => ({ path: [...path, name], value: undefined, source: `--env ${name}` }));
  return names.length === 0 ? [] : [...each, { path, value: undefined, source: "--env" }];
}

function check(raw: object, set: readonly Override[], file: string): Config {
  const result = configSchema.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw usageError(`${file} is not valid`);
  throw explain(issue, raw, set, file);
}

function explain(issue: z.core.$ZodIssue, raw: object, set: readonly Override[], file: string): Error {
  const where = issue.path.map(String).join(".");
  const source = set.find(({ path }) => path.join(".") === where || where.startsWith(`${path.join(".")}.`))?.source;
  const name = source ?? (where === "" ? file : `${file}: ${where}`);
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    return usageError(`${name}: unknown key "${key}"`, didYouMean(key, knownKeys(issue.path)));
  }
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  if (issue.path[0] === "function" && issue.path[1] === "environment") return usageError(`${name}: ${message}`);
  const value = issue.path.reduce<unknown>((at, key) => asObject(at)[String(key)], raw);
  const shown = typeof value === "string" || typeof value === "number" ? ` ${JSON.stringify(value)}` : "";
  return usageError(`${name}${shown}: ${message}`, valueHint(issue, where, value));
}

function valueHint(issue: z.core.$ZodIssue, where: string, value: unknown): string | undefined {
  if (issue.code === "invalid_value") {
    if (typeof value === "number") {
      const numbers = issue.values.map(Number);
      const near = numbers.reduce((best, one) => (Math.abs(one - value) < Math.abs(best - value) ? one : best));
      return `The nearest valid value is ${near}.`;
    }
    return didYouMean(String(value), issue.values.map(String));
  }
  if (where === "function.runtime") return didYouMean(String(value), RUNTIMES);
  const guess = where.startsWith("routes")
    ? String(value)
        .toUpperCase()
        .match(/^[A-Z]+/)?.[0]
    : undefined;
  const method =
    guess && !(guess in METHODS) && nearest(guess, ["any", "get", "post", "put", "patch", "delete", "head", "options"]);
  return method ? `Did you mean "${method.toUpperCase()} /..."?` : undefined;
}

function knownKeys(path: readonly PropertyKey[]): string[] {
  const [first] = path;
  const { function: functionFields, throttle } = configSchema.shape;
  if (first === "function") return Object.keys(functionFields.unwrap().shape);
  if (first === "throttle") return Object.keys(throttle.unwrap().shape);
  return Object.keys(configSchema.shape).filter((key) => key !== "$schema");
}

function checkNames({ name, stage }: Config, region: string): void {
  const longest = `${name}-${stage}-${region}`;
  if (longest.length <= NAME_LENGTH) return;
  throw usageError(
    `the name of the role would be ${longest}, which has ${longest.length} characters; AWS allows ${NAME_LENGTH}`,
    `Choose a --name of at most ${NAME_LENGTH - (longest.length - name.length)} characters.`,
  );
}

function sourceOf(config: Config, region: string, base: string): Source {
  const { code, runtime, handler } = config.function;
  if (code === undefined) {
    if (runtime !== undefined || handler !== undefined) {
      throw usageError("runtime and handler are for your own code", "Name it with --code, or leave both out.");
    }
    const models = config.models && Object.entries(config.models).map(([alias, text]) => [alias, parseModel(text)]);
    return { kind: "builtin", models: models?.length ? Object.fromEntries(models) : defaultModels(region) };
  }
  if (config.models !== undefined) {
    throw usageError("models are for the built-in function, and code names your own", "Leave one of the two out.");
  }
  if (runtime === undefined || handler === undefined) {
    const missing = runtime === undefined ? "--runtime, for example python3.13" : "--handler, for example app.handler";
    throw usageError(`your code needs ${missing}`, 'Or put "runtime" and "handler" beside "code" into llm-gw.json.');
  }
  return { kind: "code", path: resolve(base, code), runtime, handler };
}
