import { access } from "node:fs/promises";
import { attempt } from "../attempt.ts";
import { untold } from "../aws/retry.ts";
import { configPath } from "../config/read-file.ts";
import type { Flags } from "../config/settings.ts";
import type { Gateway } from "../config.ts";
import { usageError } from "../errors.ts";
import { hasCode } from "../fs-error.ts";
import type { Io } from "../io.ts";
import { differenceOf } from "../local/runtime/this-machine.ts";
import { type LocalAws, startLocalAws } from "../local/server.ts";
import { temporaryFolder } from "../local/temporary-folder.ts";
import { printError } from "../print-error.ts";
import type { Progress } from "../progress.ts";
import { wrapped } from "../text.ts";
import { warningText } from "../warning.ts";
import { deploy } from "./deploy.ts";
import { portInUse } from "./local-aws.ts";
import { Essentials } from "./log-essentials.ts";
import { logLine } from "./log-line.ts";
import { readGateway } from "./session.ts";
import { Watch } from "./watch.ts";

/**
 * Runs a local AWS of its own, deploys to it, and again whenever the configuration or the code changes, until Ctrl-C.
 * Prints the endpoint and each line that the function logs; with --json one document a line: `{deployed}`, `{log}` or
 * `{error}`. What is wrong with configuration, code or deploy is shown, and the next change tries again. When it ends,
 * everything it made has ended with it; state of other gateways is neither read nor written. It ends with exit code 0
 * after Ctrl-C, and when nobody reads its output any more.
 * @throws GatewayError PortInUse
 */
export async function dev(flags: Flags, io: Io): Promise<void> {
  const folder = await temporaryFolder("llm-gw-dev-");
  const signal = AbortSignal.any([io.signal, io.outputClosed]);
  const watch = new Watch(io.clock, signal, ({ message }) => {
    const hint = "Name in .llmgwignore what need not be packaged: it is not watched either.";
    say(`${warningText(`not every change will be seen: ${message}`, flags, io)}\nhint: ${hint}`, io);
  });
  let aws: LocalAws | undefined;
  try {
    aws = await start(typeof flags.port === "number" ? flags.port : 0, logDisplay(flags, io));
    say(`deploying to a local AWS at ${aws.url}, again at each save, until Ctrl-C`, io);
    const config = configPath(flags, io);
    const place = { aws, folder: folder.path, watch, config: (await exists(config)) ? config : undefined };
    const run = deployer({ ...flags, local: true }, place, { ...io, signal });
    await watch.watchConfig(config);
    for (;;) {
      await run();
      await watch.changed();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all([watch.close(), aws?.close()]);
    await folder.remove();
  }
}

interface Place {
  readonly aws: LocalAws;
  /** For the state of what is deployed. */
  readonly folder: string;
  readonly watch: Watch;
  /** The configuration, if it was there at the start: then it has to stay. */
  readonly config: string | undefined;
}

/** One deploy after the other: each shows what came of it, and prints the lines to paste when they are new. */
function deployer(flags: Flags, { aws, folder, watch, config }: Place, io: Io): () => Promise<void> {
  const nothing = () => undefined;
  const progress: Progress = {
    ...{ update: nothing, started: nothing, waiting: untold, finished: nothing, stop: nothing },
    line: (text) => say(text, io),
  };
  const env = { ...io.env, LLM_GW_LOCAL_PORT: new URL(aws.url).port };
  let printed = "";
  let runtime: string | undefined;
  const tellDifference = differenceTeller((warning) => say(warningText(warning, flags, io), io));
  const read = async (given: Flags, world: Io): Promise<Gateway> => {
    if (config !== undefined && !(await exists(config))) throw configGone(config);
    const gateway = await readGateway(given, world);
    const { source } = gateway.function;
    runtime = source.kind === "code" ? source.runtime : undefined;
    // Before it is packaged: what changes from here on is seen.
    await watch.watchCode(source.kind === "code" ? source.path : undefined);
    return { ...gateway, directory: folder };
  };
  return async () => {
    // The local AWS is consistent at once, and nobody wants a request at each save that he did not send.
    const variant = { read, awaitsEndpoint: false };
    const result = await attempt(flags, { ...io, env }, (world) => deploy(flags, world, progress, variant));
    io.signal.throwIfAborted();
    if ("failed" in result) return printError(result.failed, flags, { ...io, env });
    const { lines, ...deployed } = result.done;
    const text = `${lines.join("\n")}\n`;
    if (flags.json === true) io.stdout(`${JSON.stringify({ deployed })}\n`);
    else if (text !== printed) io.stdout(text);
    printed = text;
    if (runtime === undefined) return;
    await tellDifference(runtime);
    // A mistake that it cannot even be loaded with is shown now, not with the first request.
    aws.warmUp();
  };
}

/** Warns, once for each runtime, where this machine runs it otherwise than AWS. */
function differenceTeller(tell: (warning: string) => void): (runtime: string) => Promise<void> {
  const told = new Set<string>();
  return async (runtime) => {
    const different = told.has(runtime) ? undefined : await differenceOf(runtime);
    told.add(runtime);
    if (different !== undefined) tell(different.message);
  };
}

/** Without it, everything would go back to its default. */
function configGone(path: string): Error {
  const hint = "When it is back, it is deployed again. To go on without it, start llm-gw dev anew.";
  return usageError(`${path} is gone; what was deployed stays`, hint);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    return !hasCode(error, "ENOENT");
  }
}

async function start(port: number, onFunctionLog: (message: string, stream: string) => void): Promise<LocalAws> {
  try {
    return await startLocalAws({ port, onFunctionLog });
  } catch (error) {
    if (!hasCode(error, "EADDRINUSE", "EACCES")) throw error;
    throw portInUse(port, "Choose another one with --port, or any free one without it.");
  }
}

function say(text: string, { stderr, terminals }: Pick<Io, "stderr" | "terminals">): void {
  stderr(`${wrapped(text, terminals.stderr)}\n`);
}

/** Prints what a function logs, as `logs` does. */
function logDisplay(flags: Flags, io: Io): (message: string, stream: string) => void {
  const isAll = [flags.json, flags.verbose].includes(true);
  const essentials = new Essentials<{ readonly stream: string; readonly message: string; readonly at: number }>();
  return (message, stream) => {
    const event = { stream, message, at: io.clock.now() };
    for (const one of isAll ? [event] : essentials.shown(event)) {
      const log = { time: new Date(one.at).toISOString(), message: one.message };
      const line = flags.json === true ? JSON.stringify({ log }) : logLine(one.at, one.message);
      if (line !== undefined) io.stdout(`${line}\n`);
    }
  };
}
