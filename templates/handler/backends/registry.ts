import { misconfigured } from "../errors.ts";
import type { ModelEntry } from "../models.ts";
import type { Backend, BackendModule, Surroundings } from "./backend.ts";

/** A new backend is one file and one line here. Each is loaded when first asked: the AWS SDK alone costs a cold start. */
const modules = new Map<string, () => Promise<BackendModule>>([
  ["bedrock", () => import("./bedrock.ts")],
  ["echo", () => import("./echo.ts")],
  ["openai", () => import("./openai.ts")],
]);

/** The backend that `entry` names. Rejects with an `ApiError` (500) when the package has none of that name. */
export async function connect(entry: ModelEntry, surroundings: Surroundings): Promise<Backend> {
  const load = modules.get(entry.backend);
  if (load === undefined) {
    const message = `models.json names the backend "${entry.backend}"; there is only ${[...modules.keys()].join(", ")}.`;
    throw misconfigured(message);
  }
  return (await load()).connect(entry, surroundings);
}
