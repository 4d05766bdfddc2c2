// Command lines as this user has to write them: for this gateway, this local AWS, and as llm-gw was called.
import type { Flags } from "../config/settings.ts";
import type { Gateway } from "../config.ts";
import type { Io } from "../io.ts";

/** `llm-gw invoke` for this gateway. */
export function invokeLine(flags: Flags, io: Pick<Io, "env">): string {
  return gatewayLine("invoke", '--prompt "Hello"', flags, io);
}

/** `llm-gw` as the user runs it, with a command and the flags, and the variable, that make it find this gateway. */
export function gatewayLine(command: string, rest: string, flags: Flags, { env }: Pick<Io, "env">): string {
  // The local AWS is reached without one.
  const account = flags.local === true ? [] : ["profile"];
  const named = ["name", "stage", "region", ...account, "config"].flatMap((flag) => {
    const value = flags[flag];
    return typeof value === "string" ? [`--${flag}`, quote(value)] : [];
  });
  const local = flags.local === true ? ["--local"] : [];
  const program = programLine(flags.local === true, env);
  return [program, command, ...named, ...local, ...(rest === "" ? [] : [rest])].join(" ");
}

/** `llm-gw` as the user runs it, where `usesPort` with the variable that leads to the local AWS. */
function programLine(usesPort: boolean, env: Io["env"]): string {
  const { LLM_GW_LOCAL_PORT: localPort } = env;
  const port = usesPort && localPort ? `LLM_GW_LOCAL_PORT=${localPort} ` : "";
  return `${port}${env.npm_command === "exec" ? "npx llm-gw" : "llm-gw"}`;
}

/** Commands as hints are written. The rest names its port itself, or needs none. */
const OF_GATEWAY = /\bllm-gw (deploy|destroy|invoke|logs|status)\b( --local\b)?/g;
const OF_ACCOUNT = /\bllm-gw list --region (\S+)/g;
const OF_LOCAL_AWS = /\bllm-gw local stop\b(?! --port)/g;
const OTHERS = /(?<!npx )\bllm-gw (?=(completion|dev|doctor|init|local|--help)\b)/g;

/** A hint whose commands, written like `llm-gw logs`, run as this one did, and find this gateway and the local AWS. */
export function addressed(hint: string, flags: Flags, io: Pick<Io, "env">): string {
  const ofGateway = (_all: string, command: string, local: string | undefined) =>
    gatewayLine(command, "", local === undefined ? flags : { ...flags, local: true }, io);
  const { profile, local } = flags;
  return hint
    .replaceAll(OF_GATEWAY, ofGateway)
    .replaceAll(OF_ACCOUNT, (_all, region: string) => gatewayLine("list", "", { region, profile, local }, io))
    .replaceAll(OF_LOCAL_AWS, () => `${programLine(true, io.env)} local stop`)
    .replaceAll(OTHERS, () => `${programLine(false, io.env)} `);
}

/** Says of a gateway that is not there how to see those that are. */
export function absentLine({ name, stage, region }: Gateway, flags: Flags, io: Pick<Io, "env">): string {
  return `${name}-${stage} is not in ${region}; to see what is: ${addressed(`llm-gw list --region ${region}`, flags, io)}`;
}

/** Quoted for a POSIX shell where it has to be. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
