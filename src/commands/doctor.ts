import { versions } from "node:process";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { profileRegion } from "../aws/clients.ts";
import { checkPolicySize } from "../aws/function-policy.ts";
import { checkGeographies } from "../config/geography.ts";
import { type Flags, profileOf } from "../config/settings.ts";
import { builtinPart } from "../config/source.ts";
import { type Gateway, loadGateway, noRegion } from "../config.ts";
import { GatewayError } from "../errors.ts";
import { CONNECTION } from "../explain/connection.ts";
import { explain } from "../explain.ts";
import type { Io, Terminal } from "../io.ts";
import { differenceOf } from "../local/runtime/this-machine.ts";
import type { Progress } from "../progress.ts";
import { count, paintFor, size, wrapped } from "../text.ts";
import { packageFor } from "./code.ts";
import { addressed, quote } from "./command-lines.ts";
import { broken, type Finding, ok, unknown } from "./doctor/finding.ts";
import { type AwsCommandLine, environmentKeys, storedKeys } from "./doctor/keys.ts";
import { checkPermissions, type Deployer } from "./doctor/permissions.ts";
import { compareClocks } from "./doctor/server-clock.ts";
import { assignments, localAwsPid, localUrl, localVariables } from "./local-aws.ts";
import { checkModels, checkTimeout } from "./preflight.ts";
import { identityOf, openSession, type Session } from "./session.ts";

/** Where to ask who we are, when no region is known. */
const ANY_REGION = "us-east-1";
const STATUS_WIDTH = 9;
const FORMATS = { ok: "green", broken: "red", unknown: "yellow" } as const satisfies Record<Finding["status"], string>;

export interface DoctorResult {
  /** Nothing is broken; something may be unknown. */
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
  /** For people: one for each finding, with the cure. */
  readonly lines: readonly string[];
}

/** Looks at everything a deploy needs, as far as that is possible without changing anything. */
export async function doctor(flags: Flags, io: Io, progress: Progress): Promise<DoctorResult> {
  const said = (error: unknown): GatewayError => {
    io.signal.throwIfAborted();
    return explain(error, { profile: profileOf(flags, io), env: io.env, secrets: [], names: [] });
  };
  // Whoever started this runs a Node that is new enough.
  const found = [ok("Node.js", versions.node)];
  const configuration = await readConfiguration(flags, io).catch(said);
  if (configuration instanceof GatewayError) {
    found.push(broken("configuration", configuration));
  } else {
    const { gateway, hasRegion } = configuration;
    found.push(ok("configuration", `${gateway.name}-${gateway.stage}`));
    found.push(hasRegion ? ok("region", gateway.region) : broken("region", noRegion(profileOf(flags, io))));
    const open = () => openSession(gateway, flags, io, progress);
    const cli = awsCommandLine(gateway, flags, io);
    const keys: Look["keys"] = (how) => storedKeys(gateway, how, cli, said);
    found.push(
      await functionFinding(gateway, said),
      ...(await runtimeFindings(gateway)),
      ...environmentKeys(gateway),
      ...(await askAws({ gateway, hasRegion, io, open, said, keys })),
      await modelFinding(gateway, hasRegion, said),
    );
  }
  const findings = found.map(({ cure, ...finding }) =>
    cure === undefined ? finding : { ...finding, cure: addressed(cure, flags, io) },
  );
  return {
    healthy: findings.every(({ status }) => status !== "broken"),
    findings,
    lines: findings.map((finding) => findingLine(finding, io.terminals.stdout)),
  };
}

/** The configuration can be looked at without a region. */
async function readConfiguration(flags: Flags, io: Io) {
  let hasRegion = true;
  const gateway = await loadGateway(flags, io, async () => {
    const region = await profileRegion(profileOf(flags, io));
    hasRegion = region !== undefined;
    return region ?? ANY_REGION;
  });
  return { gateway, hasRegion };
}

/** What the looks at AWS have in common. */
interface Look {
  readonly gateway: Gateway;
  readonly hasRegion: boolean;
  readonly io: Io;
  readonly open: () => Promise<Session>;
  readonly said: (error: unknown) => GatewayError;
  readonly keys: (how: Parameters<typeof storedKeys>[1]) => Promise<Finding[]>;
}

async function askAws(look: Look): Promise<Finding[]> {
  const { gateway, hasRegion, io, open, said, keys } = look;
  const session = await open().catch(said);
  if (session instanceof GatewayError) return [broken("state", session)];
  const { aws } = session;
  const running: Finding[] = [];
  if (gateway.local) {
    const name = "local AWS";
    const pid = await localAwsPid(io).catch(said);
    if (pid instanceof GatewayError) return [broken(name, pid), ...(await keys({ obstacle: "there is no local AWS" }))];
    if (pid === undefined) {
      const absent = unknown(name, "it is not running", "It starts with: llm-gw deploy --local");
      return [absent, ...(await keys({ obstacle: "the local AWS is not running" }))];
    }
    running.push(ok(name, `runs at ${localUrl(io)}`));
  }
  const clock = compareClocks(aws.sts, io.clock);
  let deployer: Deployer;
  try {
    const caller = await aws.sts.send(new GetCallerIdentityCommand({}));
    deployer = { identity: identityOf(caller), arn: caller.Arn ?? "" };
  } catch (error) {
    const obstacle = "AWS has not told who you are";
    return [
      ...running,
      ...unidentified(said(error), obstacle),
      clock(),
      unknown("permissions", obstacle),
      ...(await keys({ obstacle })),
    ];
  }
  const known = [...running, ok("credentials", `account ${deployer.identity.account}, ${deployer.arn}`), clock()];
  if (!hasRegion) {
    const obstacle = "it depends on the region";
    return [...known, unknown("permissions", "they depend on the region"), ...(await keys({ obstacle }))];
  }
  return [...known, ...(await Promise.all([checkPermissions(deployer, open, said), keys({ aws })])).flat()];
}

/** The credentials are not to blame for a network that does not lead to AWS. */
function unidentified(error: GatewayError, obstacle: string): Finding[] {
  const isOffline = CONNECTION.some(({ code }) => code === error.code);
  return isOffline ? [broken("connection", error), unknown("credentials", obstacle)] : [broken("credentials", error)];
}

/** The AWS command line, as it reaches what the gateway reaches. */
function awsCommandLine({ local, region }: Gateway, flags: Flags, io: Io): AwsCommandLine {
  if (local) return { program: `${assignments(localVariables(localUrl(io)))} aws`, place: `--region ${region}` };
  const profile = typeof flags.profile === "string" ? ` --profile ${quote(flags.profile)}` : "";
  return { program: "aws", place: `--region ${region}${profile}` };
}

/** What of the function deploy would refuse before any call. */
async function functionFinding(gateway: Gateway, said: (error: unknown) => GatewayError): Promise<Finding> {
  const { source } = gateway.function;
  const name = "function";
  try {
    checkTimeout(gateway);
    const { zip, files } = await packageFor(gateway);
    checkPolicySize(gateway);
    const what = source.kind === "builtin" ? "the built-in one" : `${source.path}, ${count(files, "file")}`;
    return ok(name, `${what}, ${size(zip.length)} zipped`);
  } catch (error) {
    return broken(name, said(error));
  }
}

/** How your own code runs on the local AWS. */
async function runtimeFindings({ local, function: { source } }: Gateway): Promise<Finding[]> {
  if (!local || source.kind === "builtin") return [];
  const name = "runtime";
  const different = await differenceOf(source.runtime);
  if (different === undefined) return [ok(name, `this machine has ${source.runtime}`)];
  const { runs, message } = different;
  if (runs) return [unknown(name, `${message}; where the two differ shows on AWS alone`)];
  return [broken(name, { message, hint: "It can be deployed, but not be called here." })];
}

/** Whether the account has access to a model shows only when the function's role calls it. */
async function modelFinding(
  gateway: Gateway,
  hasRegion: boolean,
  said: (error: unknown) => GatewayError,
): Promise<Finding> {
  const { local, region, function: fn } = gateway;
  const name = "models";
  const refused = await checkModels(gateway).catch(said);
  if (refused !== undefined) return broken(name, refused);
  const builtin = builtinPart(fn.source);
  if (builtin === undefined) return unknown(name, "your own code knows which it calls");
  const all = Object.values(builtin.models).flat();
  const models = [...new Set(all.flatMap((model) => (model.backend === "bedrock" ? [model.model] : [])))];
  if (models.length === 0) return ok(name, "none of them is on Bedrock");
  if (!hasRegion) return unknown(name, "they depend on the region");
  try {
    checkGeographies(builtin.models, region);
  } catch (error) {
    return broken(name, said(error));
  }
  if (local) return ok(name, "the local AWS answers in place of Bedrock");
  return unknown(
    name,
    `not asked whether the account has access to ${models.join(", ")}`,
    `llm-gw invoke shows it once this is deployed; before, without a geography like "eu." in the name: aws bedrock get-foundation-model-availability --region ${region} --model-id MODEL`,
  );
}

/** `broken   region: no AWS region is set. Give --region, ...` */
function findingLine({ name, status, message, cure }: Finding, terminal: Terminal | undefined): string {
  const found = `${name}: ${message}`;
  const text = cure === undefined ? found : `${found.replace(/\.$/, "")}. ${cure}`;
  const lines = wrapped(text, terminal && { columns: terminal.columns - STATUS_WIDTH }, 0);
  const label = paintFor(terminal)(FORMATS[status], status.padEnd(STATUS_WIDTH));
  return `${label}${lines.replaceAll("\n", `\n${" ".repeat(STATUS_WIDTH)}`)}`;
}
