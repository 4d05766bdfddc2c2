/** What answers for an alias; the built-in function reads exactly this from its models.json. */
export type Model =
  | { readonly backend: "echo" }
  | { readonly backend: "openai"; readonly baseUrl: string; readonly model: string }
  | { readonly backend: "bedrock"; readonly model: string };

export type Models = Readonly<Record<string, Model>>;

/** Amazon's own models need no subscription; in these Regions they are called through a geographic profile. */
const PROFILES: Readonly<Record<string, string>> = { us: "us.", eu: "eu.", ap: "apac." };

/** Parses `echo:`, `bedrock:MODEL` and `openai:URL#MODEL`, which the schema has checked already. */
export function parseModel(text: string): Model {
  const separator = text.indexOf(":");
  const backend = text.slice(0, separator);
  const rest = text.slice(separator + 1);
  if (backend === "bedrock") return { backend, model: rest };
  if (backend === "openai") {
    const hash = rest.indexOf("#");
    return { backend, baseUrl: rest.slice(0, hash).replace(/\/+$/, ""), model: rest.slice(hash + 1) };
  }
  return { backend: "echo" };
}

/** Used when no model is configured. */
export function defaultModels(region: string): Models {
  const profile = PROFILES[region.split("-", 1)[0] ?? ""] ?? "";
  return { default: { backend: "bedrock", model: `${profile}amazon.nova-micro-v1:0` } };
}
