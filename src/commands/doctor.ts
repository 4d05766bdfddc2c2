import { versions } from "node:process";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { profileRegion } from "../aws/clients.ts";
import { checkPolicySize } from "../aws/function-policy.ts";
import { type Flags, profileOf } from "../config/settings.ts";
import { builtinPart } from "../config/source.ts";
import { type Gateway, loadGateway, noRegion } from "../config.ts";
import { GatewayError } from "../errors.ts";
import { explain } from "../explain.ts";
import type { Io, Terminal } from "../io.ts";
import type { Progress } from "../progress.ts";
import { count, paintFor, size, wrapped } from "../text.ts";
import { packageFor } from "./code.ts";
import { broken, type Finding, ok, unknown } from "./doctor/finding.ts";
import { environmentKeys, storedKeys } from "./doctor/keys.ts";
import { checkPermissions, type Deployer } from "./doctor/permissions.ts";
import { compareClocks } from "./doctor/server-clock.ts";
import { requireLocalAws } from "./local-aws.ts";
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
  const findings = [ok("Node.js", versions.node)];
  const configuration = await readConfiguration(flags, io).catch(said);
  if (configuration instanceof GatewayError) {
    findings.push(broken("configuration", configuration));
  } else {
    const { gateway, hasRegion } = configuration;
    findings.push(ok("configuration", `${gateway.name}-${gateway.stage}`));
    findings.push(hasRegion ? ok("region", gateway.region) : broken("region", noRegion(profileOf(flags, io))));
    const open = () => openSession(gateway, flags, io, progress);
    findings.push(
      await functionFinding(gateway, said),
      ...environmentKeys(gateway),
      ...(await askAws(gateway, hasRegion, io, open, said)),
      await modelFinding(gateway, hasRegion, said),
    );
  }
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

async function askAws(
  gateway: Gateway,
  hasRegion: boolean,
  io: Io,
  open: () => Promise<Session>,
  said: (error: unknown) => GatewayError,
): Promise<Finding[]> {
  const session = await open().catch(said);
  if (session instanceof GatewayError) return [broken("state", session)];
  const { aws } = session;
  const clock = compareClocks(aws.sts, io.clock);
  let deployer: Deployer;
  try {
    if (gateway.local) await requireLocalAws(io);
    const caller = await aws.sts.send(new GetCallerIdentityCommand({}));
    deployer = { identity: identityOf(caller), arn: caller.Arn ?? "" };
  } catch (error) {
    const obstacle = "there are no credentials";
    return [
      broken("credentials", said(error)),
      clock(),
      unknown("permissions", "without credentials there are none"),
      ...(await storedKeys(gateway, { obstacle }, said)),
    ];
  }
  const credentials = ok("credentials", `account ${deployer.identity.account}, ${deployer.arn}`);
  if (!hasRegion) {
    const permissions = unknown("permissions", "they depend on the region");
    const obstacle = "it depends on the region";
    return [credentials, clock(), permissions, ...(await storedKeys(gateway, { obstacle }, said))];
  }
  const [permissions, keys] = await Promise.all([
    checkPermissions(deployer, open, said),
    storedKeys(gateway, { aws }, said),
  ]);
  return [credentials, clock(), permissions, ...keys];
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
