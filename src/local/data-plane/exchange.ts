import type { HttpRequest } from "../http.ts";
import type { DataPlaneAccount, Deployed, StageSettings } from "./account.ts";
import type { DeployedRoute } from "./deployed-routes.ts";
import type { RouteMatch } from "./route-table.ts";

/** Who was let in, and what was found out about him. */
export type Caller =
  | { readonly kind: "iam"; readonly accessKeyId: string }
  | {
      readonly kind: "jwt";
      readonly claims: Readonly<Record<string, string>>;
      /** Null when the route asks for none. */
      readonly scopes: readonly string[] | null;
    }
  | { readonly kind: "lambda"; readonly principalId: string | undefined; readonly context: AuthorizerContext | null };

export type AuthorizerContext = Readonly<Record<string, unknown>>;

/** What became of the call of the function, for the access log. */
export interface IntegrationOutcome {
  /** The status Lambda itself answered with; undefined when there was no call. */
  readonly lambdaStatus?: number;
  /** The status the function gave. */
  readonly status?: number;
  readonly requestId?: string;
  readonly latencyMs?: number;
  readonly error?: string;
}

/** One request on its way through a stage: what is known of it, for events, authorizers and the access log. */
export interface Exchange {
  readonly account: DataPlaneAccount;
  readonly request: HttpRequest;
  readonly apiId: string;
  readonly stage: StageSettings;
  readonly deployment: Deployed;
  readonly cacheResetAt: number;
  /** Percent-encoded, with the stage unless it is `$default`. */
  readonly path: string;
  readonly requestId: string;
  /** Epoch milliseconds at which the request arrived. */
  readonly atMs: number;
  readonly startedAt: number;
  match: RouteMatch<DeployedRoute> | undefined;
  caller: Caller | undefined;
  authorizerError: string | undefined;
  integration: IntegrationOutcome | undefined;
}

/** A request and the route it found. */
export type RoutedExchange = Exchange & { readonly match: RouteMatch<DeployedRoute> };

export function domainName({ apiId, account }: Exchange): string {
  return `${apiId}.execute-api.${account.region}.amazonaws.com`;
}

/** The execute-api ARN of something in the API: `{stage}/{METHOD}/{path}` or `authorizers/{id}` [aws 4.8, 6]. */
export function executeApiArn({ apiId, account }: Exchange, tail: string): string {
  return `arn:aws:execute-api:${account.region}:${account.accountId}:${apiId}/${tail}`;
}

/** As in `12/Mar/2026:19:03:58 +0000`. */
export function logTime(atMs: number): string {
  const text = new Date(atMs).toUTCString();
  return `${text.slice(5, 7)}/${text.slice(8, 11)}/${text.slice(12, 25).replace(" ", ":")} +0000`;
}
