import { LOCAL_ACCOUNT_ID } from "../credentials.ts";
import type { Timing } from "../timing.ts";
import type { Api } from "./apigatewayv2.ts";
import type { Role } from "./iam.ts";
import type { LambdaFunction } from "./lambda.ts";
import type { LogGroup } from "./logs.ts";
import type { Parameter, Secret } from "./secrets.ts";

/** Everything the local account holds in one Region. Lives in memory, dies with the process. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
  /** Where the account is served, for the endpoints it hands out: http://127.0.0.1:PORT. */
  readonly url: string;
  timing: Timing;
  /** By lower-case name: role names differ in more than case [aws 3.1]. */
  readonly roles: Map<string, Role>;
  readonly functions: Map<string, LambdaFunction>;
  readonly apis: Map<string, Api>;
  readonly logGroups: Map<string, LogGroup>;
  /** Of Systems Manager, by name. */
  readonly parameters: Map<string, Parameter>;
  /** Of Secrets Manager, by name. */
  readonly secrets: Map<string, Secret>;
}

/** An account with nothing in it but the roles it has in every Region. */
export function newAccount(options: {
  readonly region: string;
  readonly url: string;
  readonly timing: Timing;
  readonly roles: Account["roles"];
}): Account {
  return {
    accountId: LOCAL_ACCOUNT_ID,
    region: options.region,
    url: options.url,
    timing: options.timing,
    roles: options.roles,
    functions: new Map(),
    apis: new Map(),
    logGroups: new Map(),
    parameters: new Map(),
    secrets: new Map(),
  };
}
