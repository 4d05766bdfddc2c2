import { dirname } from "node:path";
import { BUILTIN_ROUTES } from "./config/builtin.ts";
import { check } from "./config/check.ts";
import { REGION_NAMES } from "./config/default-models.ts";
import { environmentFlags, merge, variableSources } from "./config/merge.ts";
import { configPath, readConfigFile } from "./config/read-file.ts";
import { type Config, REGION } from "./config/schema.ts";
import { type Flags, overrides, profileOf } from "./config/settings.ts";
import { builtinPart, type Source, sourceOf } from "./config/source.ts";
import { didYouMean } from "./config/suggest.ts";
import { type GatewayError, usageError } from "./errors.ts";
import type { Io } from "./io.ts";
import { hasRegion } from "./local/control-plane/region.ts";

/** The local AWS pretends to be here; nothing real ever gets this as a default. */
const LOCAL_REGION = "us-east-1";
/** AWS's limit for a function's and for a role's name [aws 3.1, 4.2]. */
const NAME_LENGTH = 64;
/** Used when your own code comes without routes. */
const OWN_ROUTES = ["POST /inference"];

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

/**
 * Where a gateway would be, whatever it is: also with a configuration that fits another region alone.
 * @throws GatewayError as `loadGateway` for settings that are wrong by themselves
 */
export async function loadPlace(
  flags: Flags,
  io: Pick<Io, "cwd" | "env">,
  profileRegion: () => Promise<string | undefined>,
): Promise<Pick<Gateway, "region" | "local">> {
  return placeOf((await loadConfig(flags, io)).config, flags, io, profileRegion);
}

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
  const { config, path, directory, set } = await loadConfig(flags, io);
  const { region, local } = await placeOf(config, flags, io, profileRegion);
  checkNames(config, region);
  // A path on the command line is relative to where the user stands, one in the file to the file.
  const isFromFile = !set.some((one) => one.path.join(".") === "function.code");
  const { code: _code, runtime: _runtime, handler: _handler, architecture, ...settings } = config.function;
  const source = sourceOf(config, { region, file: path, base: isFromFile ? directory : io.cwd });
  const { name, stage, auth, throttle, autoDeploy, accessLogs, tags } = config;
  return {
    ...{ name, stage, region, local, directory, auth, throttle, autoDeploy, accessLogs, tags },
    routes: config.routes ?? (builtinPart(source) === undefined ? OWN_ROUTES : BUILTIN_ROUTES),
    function: {
      ...settings,
      source,
      architecture: architecture ?? (source.kind === "builtin" ? "arm64" : "x86_64"),
    },
  };
}

/** Flags, environment and file, each setting checked by itself. */
async function loadConfig(flags: Flags, io: Pick<Io, "cwd" | "env">) {
  const path = configPath(flags, io);
  const file = await readConfigFile(path, flags.config !== undefined);
  const directory = file === undefined ? io.cwd : dirname(path);
  const set = overrides(flags, io.env);
  const variables = environmentFlags(flags.env, io.env);
  const config = check(merge(file?.value ?? {}, set, variables), [...set, ...variableSources(variables)], file);
  return { config, path, directory, set };
}

async function placeOf(
  config: Config,
  flags: Flags,
  io: Pick<Io, "env">,
  profileRegion: () => Promise<string | undefined>,
): Promise<Pick<Gateway, "region" | "local">> {
  const local = flags.local === true;
  const region = config.region ?? (local ? LOCAL_REGION : await profileRegion());
  if (region === undefined) throw noRegion(profileOf(flags, io));
  if (!REGION.test(region)) {
    const hint = "It looks like eu-west-1. Correct it in ~/.aws/config, or give --region.";
    throw usageError(`the AWS profile's region "${region}" is no AWS region`, hint);
  }
  if (local && !hasRegion(region)) {
    const others = "It has those of the partition aws: give one with --region, like us-east-1.";
    throw usageError(
      `the local AWS has no region ${region}`,
      didYouMean(region, REGION_NAMES.filter(hasRegion), others),
    );
  }
  return { region, local };
}

/** Nothing names a region, the AWS profile neither. */
export function noRegion(profile: string | undefined): GatewayError {
  const asked = profile === undefined ? "" : `: the AWS profile ${profile} does not exist, or names none`;
  const profiles = profile === undefined ? "" : " The profiles: aws configure list-profiles";
  return usageError(
    `no AWS region is set${asked}`,
    `Give --region, set AWS_REGION, or put "region" into llm-gw.json; without an AWS account, use --local.${profiles}`,
  );
}

function checkNames({ name, stage }: Config, region: string): void {
  const longest = `${name}-${stage}-${region}`;
  if (longest.length <= NAME_LENGTH) return;
  throw usageError(
    `the name of the role would be ${longest}, which has ${longest.length} characters; AWS allows ${NAME_LENGTH}`,
    `Choose a --name of at most ${NAME_LENGTH - (longest.length - name.length)} characters.`,
  );
}
