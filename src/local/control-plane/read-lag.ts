import { copyOf } from "../copy.ts";
import type { Account } from "../store/account.ts";
import type { Api } from "../store/apigatewayv2.ts";
import type { LambdaFunction } from "../store/lambda.ts";
import type { LogGroup } from "../store/logs.ts";
import type { Call } from "../wire/service.ts";

type Contents = Pick<Account, "roles" | "functions" | "apis" | "logGroups">;

/** The writes that a service's reads may miss: all of IAM's [aws 3.6], elsewhere what is made, taken away or granted [aws 4.7, 4.11]. */
const LAGGING: ReadonlyMap<string, RegExp> = new Map([
  ["iam", /./],
  ["lambda", /^(Create|Publish|Delete|AddPermission|RemovePermission)/],
  ["apigateway", /^(Create|Delete)/],
  ["logs", /^(Create|Delete)/],
]);

interface Past {
  /** Epoch milliseconds until which it was so. */
  readonly until: number;
  readonly contents: Contents;
}

/** One service in one Region: what the account held before each of the latest writes that its reads may miss. */
export class ReadLag {
  readonly #service: string;
  /** Oldest first. */
  #pasts: Past[] = [];

  constructor(service: string) {
    this.#service = service;
  }

  /** The account as a read sees it: as it was `lagMs` milliseconds ago, for a client that never asked before too. */
  view(account: Account, lagMs: number): Account {
    const since = Date.now() - lagMs;
    this.#pasts = this.#pasts.filter(({ until }) => until > since);
    const [past] = this.#pasts;
    return past === undefined ? account : { ...account, ...seen(this.#service, account, past.contents) };
  }

  /** Looks at the account before a write; what it returns is to be called when that took effect. */
  before({ roles, functions, apis, logGroups }: Account, { operation }: Call): () => void {
    if (LAGGING.get(this.#service)?.test(operation) !== true) return () => undefined;
    const contents = copyOf({ roles, functions, apis, logGroups });
    return () => void this.#pasts.push({ until: Date.now(), contents });
  }
}

/** Whether a call only reads what is stored: its answer may lag. */
export function mayLag({ operation }: Call): boolean {
  return /^(Get|List|Describe)/.test(operation);
}

/** What a service's reads show between then and now: all of then in IAM, elsewhere what was there then, as it is now. */
function seen(service: string, now: Contents, then: Contents): Partial<Contents> {
  switch (service) {
    case "iam":
      return { roles: then.roles };
    case "lambda":
      return { functions: mixed(now.functions, then.functions, mixedFunction) };
    case "apigateway":
      return { apis: mixed(now.apis, then.apis, mixedApi) };
    default:
      return { logGroups: mixed(now.logGroups, then.logGroups, mixedLogGroup) };
  }
}

function mixedFunction(now: LambdaFunction, then: LambdaFunction): LambdaFunction {
  return {
    ...now,
    policy: then.policy,
    versions: mixed(now.versions, then.versions),
    aliases: mixed(now.aliases, then.aliases),
    urls: mixed(now.urls, then.urls),
  };
}

function mixedApi(now: Api, then: Api): Api {
  return {
    ...now,
    authorizers: mixed(now.authorizers, then.authorizers),
    integrations: mixed(now.integrations, then.integrations),
    routes: mixed(now.routes, then.routes),
    deployments: mixed(now.deployments, then.deployments),
    stages: mixed(now.stages, then.stages),
  };
}

function mixedLogGroup(now: LogGroup, then: LogGroup): LogGroup {
  return { ...now, streams: mixed(now.streams, then.streams) };
}

/** The keys of `then`, with what they have now where they still exist. */
function mixed<Item>(
  now: ReadonlyMap<string, Item>,
  then: ReadonlyMap<string, Item>,
  each: (now: Item, then: Item) => Item = (item) => item,
): Map<string, Item> {
  return new Map(
    [...then].map(([key, older]) => {
      const newer = now.get(key);
      return [key, newer === undefined ? older : each(newer, older)];
    }),
  );
}
