import type { AwsError } from "../aws-error.ts";

/**
 * One page of `items`, in the order of their keys or against it, and the token of the next page. A token holds the last
 * key shown, so a listing stays right while items come and go. `invalid` makes the error for a token that is not ours.
 */
export function page<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  options: {
    readonly token: string | undefined;
    readonly size: number;
    readonly invalid: () => AwsError;
    readonly descending?: boolean | undefined;
  },
): { readonly items: Item[]; readonly next: string | undefined } {
  const after = options.token === undefined ? undefined : decode(options.token, options.invalid);
  const isLater = (key: string, than: string) => (options.descending ? key < than : key > than);
  const rest = [...items]
    .filter((item) => after === undefined || isLater(keyOf(item), after))
    .sort((a, b) => (isLater(keyOf(b), keyOf(a)) ? -1 : 1));
  const shown = rest.slice(0, options.size);
  const last = shown.at(-1);
  const next = last !== undefined && rest.length > shown.length ? encode(keyOf(last)) : undefined;
  return { items: shown, next };
}

const PREFIX = "page:";

function encode(key: string): string {
  return Buffer.from(PREFIX + key).toString("base64url");
}

function decode(token: string, invalid: () => AwsError): string {
  const text = Buffer.from(token, "base64url").toString("utf8");
  if (!text.startsWith(PREFIX)) throw invalid();
  return text.slice(PREFIX.length);
}
