import { posix } from "node:path";
import { distance } from "fastest-levenshtein";
import { GatewayError } from "../errors.ts";

/** What a runtime looks for, by its handler setting. */
interface Wanted {
  /** For the message, e.g. "app.js, app.mjs or app.cjs". */
  readonly description: string;
  matches(name: string): boolean;
  /** The handler that would run this file, if it is one this runtime can start from. */
  handlerOf(name: string): string | undefined;
}

const NODE_FILE = /\.(?:js|mjs|cjs)$/;
/** Node 24 and later also loads TypeScript; a file without an ending is loaded as CommonJS. */
const NODE_ENDINGS = ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];
const INSTALLED = /(?:^|\/)(?:node_modules|site-packages|vendor)\//;

/**
 * Throws a GatewayError (HandlerNotFound, with the nearest handlers there are) unless the package has the file that
 * the runtime will load. The rules are those of aws-lambda-nodejs-runtime-interface-client (UserFunction.js),
 * aws-lambda-python-runtime-interface-client (bootstrap.py) and the Ruby one; Java and .NET are not checked, since
 * their classes may be inside archives.
 */
export function checkHandler(names: readonly string[], target: { runtime: string; handler: string }): void {
  const wanted = wantedFile(target.runtime, target.handler);
  if (wanted === undefined || names.some((name) => wanted.matches(name))) return;
  const near = nearest(names, target.handler, wanted);
  throw new GatewayError(
    "HandlerNotFound",
    `The handler ${target.handler} (${target.runtime}) needs ${wanted.description} in the package, which is not there.`,
    { hint: near.length > 0 ? `Nearest: ${near.join(", ")}.` : "Set the handler to a file that is in the package." },
  );
}

function wantedFile(runtime: string, handler: string): Wanted | undefined {
  if (runtime.startsWith("nodejs")) return nodeFile(handler);
  if (runtime.startsWith("python")) return pythonFile(handler);
  if (runtime.startsWith("ruby")) return rubyFile(handler);
  if (!runtime.startsWith("provided")) return undefined;
  const description = "an executable file named bootstrap at the root";
  return { description, matches: (name) => name === "bootstrap", handlerOf: () => undefined };
}

/** `dir/file.export`: the file's name ends at the first dot after the last slash. */
function nodeFile(handler: string): Wanted {
  const { stem, rest } = splitHandler(handler, "first");
  const files = new Set(NODE_ENDINGS.map((ending) => stem + ending));
  // When there is no such file, the runtime resolves the name as an installed package.
  const installed = `node_modules/${posix.basename(stem)}/`;
  return {
    description: `${stem}.js, .mjs or .cjs`,
    matches: (name) => files.has(name) || name.startsWith(installed),
    handlerOf: (name) => (NODE_FILE.test(name) ? `${name.replace(NODE_FILE, "")}.${rest}` : undefined),
  };
}

/** `package.module.function` or `package/module.function`: the function's name is after the last dot. */
function pythonFile(handler: string): Wanted {
  const { stem, rest } = splitHandler(handler, "last");
  const module = stem.replaceAll(".", "/");
  const files = new Set([`${module}.py`, `${module}.pyc`, `${module}/__init__.py`]);
  return {
    description: `${module}.py or ${module}/__init__.py`,
    matches: (name) => files.has(name) || (name.startsWith(`${module}.`) && name.endsWith(".so")),
    handlerOf: (name) => (name.endsWith(".py") ? `${name.replace(/(?:\/__init__)?\.py$/, "")}.${rest}` : undefined),
  };
}

/** `dir/file.method` or `dir/file.Module::Class.method`. */
function rubyFile(handler: string): Wanted {
  const { stem, rest } = splitHandler(handler, "first");
  return {
    description: `${stem}.rb`,
    matches: (name) => name === `${stem}.rb`,
    handlerOf: (name) => (name.endsWith(".rb") ? `${name.slice(0, -3)}.${rest}` : undefined),
  };
}

function splitHandler(handler: string, dot: "first" | "last"): { stem: string; rest: string } {
  const fileAt = handler.lastIndexOf("/") + 1;
  const at = dot === "first" ? handler.indexOf(".", fileAt) : handler.lastIndexOf(".");
  if (at <= fileAt || at === handler.length - 1) {
    throw new GatewayError("HandlerNotFound", `The handler ${handler} does not name a file and a function.`, {
      hint: "Write it as file.function, for example app.handler.",
    });
  }
  return { stem: posix.normalize(handler.slice(0, at)), rest: handler.slice(at + 1) };
}

/** The three most similar handlers; one in a file of the same name, wherever it is, comes first. */
function nearest(names: readonly string[], handler: string, wanted: Wanted): string[] {
  const base = posix.basename(handler);
  return names
    .filter((name) => !INSTALLED.test(name))
    .flatMap((name) => wanted.handlerOf(name) ?? [])
    .map((candidate) => ({
      candidate,
      rank: posix.basename(candidate) === base ? 0 : distance(candidate, handler),
    }))
    .toSorted((a, b) => a.rank - b.rank || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
