import {
  type Api,
  CreateApiCommand,
  DeleteApiCommand,
  DeleteCorsConfigurationCommand,
  GetApiCommand,
  type GetApiCommandOutput,
  GetApisCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateApiCommand,
} from "@aws-sdk/client-apigatewayv2";
import type { Aws } from "../clients.ts";
import { unlessMissing } from "../failures.ts";
import type { Ctx, Kind, Observed } from "../kind.ts";
import { API_LANE, listAll, write } from "./api-calls.ts";
import { diffProperties, touches } from "./changes.ts";
import { diffTags, isOwned, type Tags, tagDelta, writable } from "./tags.ts";

interface ApiKey {
  readonly name: string;
  /** `arn:{partition}:apigateway:{region}::/apis/`, to which an id is added. */
  readonly arnPrefix: string;
}

interface ApiProps {
  readonly name: string;
  readonly arnPrefix: string;
  readonly description: string;
  readonly tags: Tags;
}

interface ApiLive extends ApiProps {
  readonly apiId: string;
  readonly arn: string;
  /** As AWS returns it, without the stage. */
  readonly apiEndpoint: string;
  readonly disableExecuteApiEndpoint: boolean;
  readonly cors: boolean;
  /** Ids of further APIs with our tags: two runs created one each at the same time. */
  readonly duplicates: readonly string[];
}

export const api: Kind<ApiProps, ApiLive, ApiKey> = {
  type: "apigatewayv2.api",
  lane: API_LANE,
  isNameless: true,

  async read(ctx, key, hint) {
    if (ctx.search) return search(ctx, key, hint?.apiId);
    const remembered = await ownedApi(ctx, hint?.apiId);
    return remembered === undefined ? search(ctx, key, undefined) : ours(key, [remembered]);
  },

  diff: (want, live) => [
    ...diffProperties(
      { name: want.name, description: want.description, disableExecuteApiEndpoint: false, cors: false, duplicates: [] },
      live,
    ),
    ...diffTags(want.tags, live.tags),
  ],

  async apply(ctx, want, live, changes) {
    if (live === undefined) {
      // Tagged in the same call, so that there is never one of ours that nobody recognises.
      const command = new CreateApiCommand({
        Name: want.name,
        ProtocolType: "HTTP",
        Description: want.description,
        Tags: { ...want.tags },
      });
      const created = await write(ctx, () => ctx.aws.apigatewayOnce.send(command));
      return fromAws(want, created, []);
    }
    const { apigateway } = ctx.aws;
    const { apiId: ApiId, arn: ResourceArn } = live;
    for (const duplicate of live.duplicates) {
      await write(ctx, () => unlessMissing(apigateway.send(new DeleteApiCommand({ ApiId: duplicate }))));
    }
    if (touches(changes, "cors")) {
      await write(ctx, () => apigateway.send(new DeleteCorsConfigurationCommand({ ApiId })));
    }
    if (touches(changes, "name", "description", "disableExecuteApiEndpoint")) {
      const input = {
        ApiId,
        ...(touches(changes, "name") ? { Name: want.name } : {}),
        ...(touches(changes, "description") ? { Description: want.description } : {}),
        ...(touches(changes, "disableExecuteApiEndpoint") ? { DisableExecuteApiEndpoint: false } : {}),
      };
      await write(ctx, () => apigateway.send(new UpdateApiCommand(input)));
    }
    const { set, removed } = tagDelta(want.tags, live.tags);
    if (set) {
      await write(ctx, () => apigateway.send(new TagResourceCommand({ ResourceArn, Tags: { ...set } })));
    }
    if (removed) {
      await write(ctx, () => apigateway.send(new UntagResourceCommand({ ResourceArn, TagKeys: removed })));
    }
    return { ...live, ...want, disableExecuteApiEndpoint: false, cors: false, duplicates: [] };
  },

  async remove(ctx, live) {
    for (const ApiId of [live.apiId, ...live.duplicates]) {
      await write(ctx, () => unlessMissing(ctx.aws.apigateway.send(new DeleteApiCommand({ ApiId }))));
    }
  },

  remember: ({ apiId, arn, apiEndpoint }) => ({ apiId, arn, apiEndpoint }),
};

/** All APIs of the account in the region. */
export function listApis({ apigateway }: Pick<Aws, "apigateway">): Promise<Api[]> {
  return listAll((NextToken) => apigateway.send(new GetApisCommand({ NextToken })));
}

/** Every run chooses the same one of several: the oldest, and of two from the same second the one with the lower id. */
export function oldestFirst<One extends Partial<Api>>(found: readonly One[]): One[] {
  const age = ({ CreatedDate, ApiId }: One) => `${CreatedDate?.toISOString()} ${ApiId}`;
  return found.toSorted((a, b) => (age(a) < age(b) ? -1 : 1));
}

/** Names are not unique and there is no client token, so ours are found by their tags, on whatever page [aws 9]. */
async function search(ctx: Ctx, key: ApiKey, known: string | undefined): Promise<Observed<ApiLive> | undefined> {
  const [listed, remembered] = await Promise.all([listApis(ctx.aws), ownedApi(ctx, known)]);
  // A listing may lag behind what this run has created.
  const isUnlisted = remembered !== undefined && !listed.some(({ ApiId }) => ApiId === known);
  const all: Partial<Api>[] = isUnlisted ? [...listed, remembered] : listed;
  const tagged = all.filter(({ Tags }) => isOwned(ctx, writable(Tags)));
  const found = ours(key, tagged);
  if (found !== undefined) return isUnlisted ? { ...found, isUnlisted } : found;
  const named = all.filter(({ Name, ProtocolType }) => Name === key.name && ProtocolType === "HTTP");
  const [only] = named;
  if (only === undefined) return undefined;
  if (named.length > 1 || only.ApiGatewayManaged) {
    const reason =
      named.length > 1 ? `there are ${named.length} of them` : "API Gateway manages it for another service";
    const message = `an API named ${key.name} exists and cannot be taken over: ${reason}`;
    const refusal = { message, hint: "Choose another --name." };
    return { live: fromAws(key, only, []), owned: false, refusal };
  }
  return { live: fromAws(key, only, []), owned: false };
}

/** The API with this id, if it exists and is ours. */
async function ownedApi(ctx: Ctx, ApiId: string | undefined): Promise<GetApiCommandOutput | undefined> {
  if (ApiId === undefined) return undefined;
  const found = await unlessMissing(ctx.aws.apigateway.send(new GetApiCommand({ ApiId })));
  return found !== undefined && isOwned(ctx, writable(found.Tags)) ? found : undefined;
}

function ours(key: ApiKey, found: readonly Partial<Api>[]): Observed<ApiLive> | undefined {
  const [first, ...others] = oldestFirst(found);
  if (first === undefined) return undefined;
  const duplicates = others.flatMap(({ ApiId }) => (ApiId === undefined ? [] : [ApiId]));
  return { live: fromAws(key, first, duplicates), owned: true };
}

function fromAws({ arnPrefix }: ApiKey, found: Partial<Api>, duplicates: readonly string[]): ApiLive {
  return {
    name: found.Name ?? "",
    arnPrefix,
    description: found.Description ?? "",
    tags: writable(found.Tags),
    apiId: found.ApiId ?? "",
    arn: `${arnPrefix}${found.ApiId}`,
    apiEndpoint: found.ApiEndpoint ?? "",
    disableExecuteApiEndpoint: found.DisableExecuteApiEndpoint ?? false,
    cors: found.CorsConfiguration !== undefined,
    duplicates,
  };
}
