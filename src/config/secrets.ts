import { invalid } from "./invalid.ts";
import { baseUrlOf, type Models } from "./models.ts";
import { didYouMean } from "./suggest.ts";

/** Where the built-in function finds a key. The key itself is never read here, and never part of a package. */
export interface SecretReference {
  readonly source: "ssm" | "secretsmanager" | "env";
  readonly name: string;
}

/** Letters, digits and _.- ; with a slash, it is a path of at most 15 parts that begins with one [SSM: PutParameter]. */
const PARAMETER = /^([\w.-]+|(\/[\w.-]+){1,15})$/;
/** Reserved [SSM: PutParameter]. */
const RESERVED_PARAMETER = /^\/?(aws|ssm)/i;
/** [Secrets Manager: CreateSecret] */
const SECRET_NAME = /^[\w/+=.@-]{1,512}$/;
/** With the six characters that Secrets Manager adds to the name. */
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):\d{12}:secret:[\w/+=.@-]+-[a-zA-Z0-9]{6}$/;
const VARIABLE = /^[a-zA-Z][a-zA-Z0-9_]+$/;

/** What the checks of one reference need besides it. */
interface Place {
  readonly file: string;
  readonly where: string;
  readonly region: string;
}

/**
 * The models, those behind an `openai:` base URL with the reference to their key.
 * @param configured by `openai:URL`, as in llm-gw.json
 * @throws GatewayError for a base URL that no model has, and for a reference that AWS would refuse
 */
export function withSecrets(
  models: Models,
  configured: Readonly<Record<string, string>>,
  file: string,
  region: string,
): Models {
  const references = new Map<string, SecretReference>();
  const known = baseUrlsOf(models);
  for (const [name, text] of Object.entries(configured)) {
    const where = `secrets["${name}"]`;
    const baseUrl = baseUrlOf(name);
    if (!name.startsWith("openai:") || !known.includes(baseUrl)) {
      const hint = known.length === 0 ? 'Add such a model to "models".' : didYouMean(name, known.map(toName));
      throw invalid(file, where, undefined, "no model has this base URL", hint);
    }
    if (references.has(baseUrl)) throw invalid(file, where, undefined, "this base URL has another secret already");
    references.set(baseUrl, parseReference(text, { file, where, region }));
  }
  return Object.fromEntries(
    Object.entries(models).map(([alias, candidates]) => [
      alias,
      candidates.map((model) => {
        const key = model.backend === "openai" ? references.get(model.baseUrl) : undefined;
        return key === undefined ? model : { ...model, key };
      }),
    ]),
  );
}

/** The base URLs that have a key, and where it is kept. */
export function keysIn(models: Models): { readonly baseUrl: string; readonly key: SecretReference }[] {
  const all = Object.values(models).flat();
  const keys = new Map(
    all.flatMap((model) => (model.backend === "openai" && model.key ? [[model.baseUrl, model.key]] : [])),
  );
  return Array.from(keys, ([baseUrl, key]) => ({ baseUrl, key }));
}

function baseUrlsOf(models: Models): string[] {
  const urls = Object.values(models).flatMap((candidates) =>
    candidates.flatMap((model) => (model.backend === "openai" ? [model.baseUrl] : [])),
  );
  return [...new Set(urls)];
}

function toName(baseUrl: string): string {
  return `openai:${baseUrl}`;
}

/** The value is never shown: somebody may have put the key itself there. */
function parseReference(text: string, { file, where, region }: Place): SecretReference {
  const colon = text.indexOf(":");
  const source = text.slice(0, colon);
  const name = text.slice(colon + 1);
  const refuse = (message: string, hint?: string) => invalid(file, where, undefined, message, hint);
  switch (source) {
    case "ssm":
      if (!PARAMETER.test(name)) {
        const hint = "Letters, digits and _.- ; a name with a slash begins with one, like ssm:/llm-gw/example-key.";
        throw refuse("this is no name of a parameter of Systems Manager", hint);
      }
      if (RESERVED_PARAMETER.test(name)) {
        const hint = "For a secret of Secrets Manager use secretsmanager:NAME.";
        throw refuse("names of parameters that begin with aws or ssm are reserved by AWS", hint);
      }
      return { source, name };
    case "secretsmanager":
      if (name.startsWith("arn:")) checkSecretArn(name, region, refuse);
      else if (!SECRET_NAME.test(name)) throw refuse("this is no name of a secret of Secrets Manager");
      return { source, name };
    case "env":
      if (VARIABLE.test(name)) return { source, name };
      throw refuse("this is no name of an environment variable of Lambda");
    default:
      throw refuse(
        "a secret is ssm:NAME, secretsmanager:NAME or env:NAME",
        "Name where the key is kept; the key itself does not belong into this file.",
      );
  }
}

function checkSecretArn(arn: string, region: string, refuse: (message: string, hint?: string) => Error): void {
  const found = SECRET_ARN.exec(arn)?.[1];
  if (found === undefined) {
    throw refuse("this is no full ARN of a secret", "It ends in - and six characters; the secret's name does as well.");
  }
  // The function's client asks in its own Region.
  if (found !== region) throw refuse(`this secret is in ${found}, and the gateway in ${region}`);
}
