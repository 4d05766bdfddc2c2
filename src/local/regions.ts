import { type Account, newAccount } from "./store.ts";
import { changeTiming, type Timing, type TimingChange } from "./timing.ts";

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
}
