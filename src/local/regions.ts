import { copyOf } from "./copy.ts";
import { type Account, newAccount } from "./store/account.ts";
import { changeTiming, type Timing, type TimingChange } from "./timing.ts";

/** All that an account holds, by Region; nothing that is done to the account changes it. */
export type Snapshot = ReadonlyMap<string, Contents>;
type Contents = Pick<Account, "roles" | "functions" | "apis" | "logGroups" | "parameters" | "secrets">;

/** One account in all its Regions. IAM's roles are global; everything else lives in the Region a call is signed for. */
export class Regions {
  readonly #regions = new Map<string, Account>();
  readonly #url: string;
  #timing: Timing;

  constructor(url: string, timing: Timing) {
    this.#url = url;
    this.#timing = timing;
  }

  /** The account as one Region sees it. */
  of(region: string): Account {
    const known = this.#regions.get(region);
    if (known !== undefined) return known;
    const [first] = this.#regions.values();
    const account = newAccount({ region, url: this.#url, timing: this.#timing, roles: first?.roles ?? new Map() });
    this.#regions.set(region, account);
    return account;
  }

  /** The Region that has this API; undefined when none has. */
  holding(apiId: string): Account | undefined {
    return [...this.#regions.values()].find(({ apis }) => apis.has(apiId));
  }

  /** Every Region that was ever called. */
  known(): readonly Account[] {
    return [...this.#regions.values()];
  }

  changeTiming(change: TimingChange): void {
    this.#timing = changeTiming(this.#timing, change);
    for (const account of this.#regions.values()) account.timing = this.#timing;
  }

  save(): Snapshot {
    const contents = [...this.#regions.values()].map((account) => {
      const { region, roles, functions, apis, logGroups, parameters, secrets } = account;
      return [region, { roles, functions, apis, logGroups, parameters, secrets }] as const;
    });
    return copyOf(new Map(contents));
  }

  /** Makes the account hold what it, or another one, held when it was saved. */
  restore(snapshot: Snapshot): void {
    for (const account of this.#regions.values()) refill(account, NOTHING);
    for (const [region, contents] of snapshot) refill(this.of(region), copyOf(contents));
  }
}

const NOTHING: Contents = {
  roles: new Map(),
  functions: new Map(),
  apis: new Map(),
  logGroups: new Map(),
  parameters: new Map(),
  secrets: new Map(),
};

function refill(account: Contents, { roles, functions, apis, logGroups, parameters, secrets }: Contents): void {
  replaceAll(account.roles, roles);
  replaceAll(account.functions, functions);
  replaceAll(account.apis, apis);
  replaceAll(account.logGroups, logGroups);
  replaceAll(account.parameters, parameters);
  replaceAll(account.secrets, secrets);
}

function replaceAll<Value>(target: Map<string, Value>, source: ReadonlyMap<string, Value>): void {
  target.clear();
  for (const [key, value] of source) target.set(key, value);
}
