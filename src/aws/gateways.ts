// Finds the gateways of an account: by their APIs, which are listed whole and carry the tags of whose they are.
import type { Aws } from "./clients.ts";
import { ownerOf } from "./names.ts";
import { listApis, oldestFirst } from "./resources/api.ts";
import { writable } from "./resources/tags.ts";

export interface FoundGateway {
  readonly name: string;
  readonly stage: string;
  /** Of the API that `deploy` keeps. */
  readonly apiId: string;
  /** What the paths of its routes are added to. */
  readonly url: string;
  readonly createdAt: Date | undefined;
  /** Ids of further APIs with the same tags, which are too many. */
  readonly duplicates: readonly string[];
}

/** All gateways of the account in the region that have an API, by name and stage. */
export async function findGateways(aws: Pick<Aws, "apigateway">): Promise<FoundGateway[]> {
  const found = new Map<string, FoundGateway>();
  for (const { ApiId = "", ApiEndpoint, CreatedDate: createdAt, Tags } of oldestFirst(await listApis(aws))) {
    const owner = ownerOf(writable(Tags));
    if (owner === undefined) continue;
    const key = JSON.stringify([owner.name, owner.stage]);
    const kept = found.get(key);
    found.set(
      key,
      kept === undefined
        ? { ...owner, apiId: ApiId, url: `${ApiEndpoint}/${owner.stage}`, createdAt, duplicates: [] }
        : { ...kept, duplicates: [...kept.duplicates, ApiId] },
    );
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, gateway]) => gateway);
}
