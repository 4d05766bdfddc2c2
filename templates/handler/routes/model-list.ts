import type { Call } from "./route.ts";

/** `GET /v1/models`, as OpenAI's: the aliases. When each was made is not known, and OpenAI's shape wants a number. */
export async function modelList({ table }: Call): Promise<object> {
  const data = Object.keys(table.models).map((id) => ({ id, object: "model", created: 0, owned_by: "llm-gw" }));
  return { object: "list", data };
}
