import type { Io } from "../io.ts";
import { type Flags, SETTINGS } from "./settings.ts";
import { nearest } from "./suggest.ts";

const PREFIX = "LLM_GW_";

/** By the word for a setting: its variable, or the flag of one that has none. */
const MEANT: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SETTINGS.map(({ flag, env }) => [flag, env?.[0] ?? `--${flag}`])),
  "local-port": `${PREFIX}LOCAL_PORT`,
  port: `${PREFIX}LOCAL_PORT`,
  profile: "AWS_PROFILE",
  config: "--config",
  env: "--env",
};

/**
 * A warning for each variable that is named like one of ours and is none: a slip would pass in silence. Not an error, since
 * other programs may read it, and `--env` may pass it on.
 */
export function unknownVariables(flags: Flags, env: Io["env"]): string[] {
  const passedOn = Array.isArray(flags.env) ? flags.env.map(String) : [];
  const known = [...Object.values(MEANT), ...passedOn];
  const unknown = Object.keys(env).filter((name) => name.startsWith(PREFIX) && env[name] && !known.includes(name));
  return unknown.map((name) => {
    const word = name.slice(PREFIX.length).toLowerCase().replaceAll("_", "-");
    const near = nearest(word, Object.keys(MEANT));
    const meant = near === undefined ? "" : `; did you mean ${MEANT[near]}?`;
    return `${name} is set, but llm-gw reads no such variable${meant}`;
  });
}
