import { closest, distance } from "fastest-levenshtein";

/** The one of `known` that `word` probably means; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(word.toLowerCase(), known);
  return distance(word.toLowerCase(), candidate) <= Math.max(2, word.length / 3) ? candidate : undefined;
}

/** "Did you mean X?" or what there is to choose from. */
export function didYouMean(word: string, known: readonly string[]): string {
  const found = nearest(word, known);
  return found === undefined ? `Known: ${known.join(", ")}.` : `Did you mean ${found}?`;
}
