import { invalid } from "./invalid.ts";
import type { SecretReference } from "./secrets.ts";
import { didYouMean } from "./suggest.ts";

/** One candidate for an answer; the built-in function reads exactly this from its models.json. */
type Model = { readonly backend: "echo" } | { readonly backend: "bedrock"; readonly model: string } | OpenaiModel;

interface OpenaiModel {
  readonly backend: "openai";
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly model: string;
  readonly key?: SecretReference;
}

/** The candidates of each alias, tried in order; never an empty list, and always a "default" where there is any. */
export type Models = Readonly<Record<string, readonly Model[]>>;

/** As in llm-gw.json: a model or another alias, or several of them in order. */
type Configured = Readonly<Record<string, string | readonly string[]>>;

const BACKENDS = ["bedrock:", "openai:", "echo:"];
/**
 * Every alias as the models it stands for, in place of other aliases; a model that comes twice counts where it first comes.
 * @param file for messages
 * @throws GatewayError for what is neither a model nor an alias, for a model of another Region, and for aliases that lead
 *   back to themselves
 */
export function resolveModels(configured: Configured, file: string, region: string): Models {
  const resolved = new Map<string, readonly Model[]>();

  function candidates(alias: string, path: readonly string[]): readonly Model[] {
    const known = resolved.get(alias);
    if (known !== undefined) return known;
    const way = [...path, alias];
    const value = configured[alias] ?? [];
    const items = typeof value === "string" ? [value] : value;
    const models = items.flatMap((text, index): readonly Model[] => {
      const where = typeof value === "string" ? `models.${alias}` : `models.${alias}[${index}]`;
      if (text.includes(":")) return [parseModel(text, { file, where, region })];
      if (!Object.hasOwn(configured, text)) {
        const others = Object.keys(configured).filter((name) => !way.includes(name));
        const hint = didYouMean(text, [...BACKENDS, ...others], "A model is bedrock:MODEL, openai:URL#MODEL or echo:.");
        throw invalid(file, where, text, "there is no such alias", hint);
      }
      if (way.includes(text)) {
        const circle = [...way.slice(way.indexOf(text)), text].join(" -> ");
        throw invalid(file, where, text, `the aliases lead in a circle: ${circle}`, "End each list with a model.");
      }
      return candidates(text, way);
    });
    const unique = [...new Map(models.map((model) => [JSON.stringify(model), model])).values()];
    resolved.set(alias, unique);
    return unique;
  }

  return Object.fromEntries(Object.keys(configured).map((alias) => [alias, candidates(alias, [])]));
}

/** What the checks of one model need besides it. */
interface Place {
  readonly file: string;
  readonly where: string;
  readonly region: string;
}

/** `echo:`, `bedrock:MODEL` or `openai:URL#MODEL`. */
function parseModel(text: string, { file, where, region }: Place): Model {
  const prefix = text.slice(0, text.indexOf(":") + 1);
  const rest = text.slice(prefix.length);
  switch (prefix) {
    case "bedrock:": {
      if (!/^\S+$/.test(rest)) {
        throw invalid(file, where, text, "needs the id of a model or of an inference profile after bedrock:");
      }
      // The function's client asks in its own Region.
      const [, found = region] = /^arn:[^:]*:[^:]*:([^:]*):/.exec(rest) ?? [];
      if (found === region) return { backend: "bedrock", model: rest };
      throw invalid(file, where, text, `this model is in ${found || "no Region"}, and the gateway in ${region}`);
    }
    case "openai:":
      return parseOpenai(text, file, where);
    case "echo:":
      if (rest === "") return { backend: "echo" };
      throw invalid(file, where, text, "nothing comes after echo:");
    default:
      throw invalid(
        file,
        where,
        text,
        "a model is bedrock:MODEL, openai:URL#MODEL, echo: or the alias of another one",
        backendHint(prefix, text),
      );
  }
}

/** An id of Bedrock ends in its version, like :0. */
function backendHint(prefix: string, text: string): string {
  if (/^https?:$/.test(prefix)) return "Put openai: before the URL.";
  if (/^[\w-]+\.[\w.-]+:\d+$/.test(text)) return `Did you mean bedrock:${text}?`;
  return didYouMean(prefix, BACKENDS);
}

function parseOpenai(text: string, file: string, where: string): Model {
  const hash = text.indexOf("#");
  const url = hash < 0 ? undefined : parseUrl(text.slice("openai:".length, hash));
  const model = text.slice(hash + 1);
  if (url === undefined || !/^\S+$/.test(model)) {
    const example = "For example openai:https://llm.example.com/v1#small-model.";
    throw invalid(file, where, undefined, "is not openai:URL#MODEL with an http or https URL", example);
  }
  // The value is not shown: a key may be in it.
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    const hint = 'Name where the key is kept in "secrets".';
    throw invalid(file, where, undefined, "the base URL may have neither a user, a password nor a query", hint);
  }
  return { backend: "openai", baseUrl: baseUrlOf(text.slice(0, hash)), model };
}

function parseUrl(text: string): URL | undefined {
  if (/\s/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) ? url : undefined;
}

/** The base URL of `openai:URL`, as it is compared and stored. */
export function baseUrlOf(text: string): string {
  return text.slice("openai:".length).replace(/\/+$/, "");
}
