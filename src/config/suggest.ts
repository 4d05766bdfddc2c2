import { closest, distance } from "fastest-levenshtein";

/** The one of `known` that `word` probably means; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const lower = word.toLowerCase();
  const candidate = closest(lower, known);
  // A slip seldom hits the first letter, and two edits can make any other short word.
  const tolerated = candidate[0] === lower[0] ? Math.max(2, word.length / 3) : 1;
  return distance(lower, candidate) <= tolerated ? candidate : undefined;
}

/** "Did you mean X?" or, where none is near, `otherwise`: left out, what there is to choose from. */
export function didYouMean(word: string, known: readonly string[], otherwise = `Known: ${known.join(", ")}.`): string {
  const found = nearest(word, known);
  return found === undefined ? otherwise : `Did you mean ${found}?`;
}
