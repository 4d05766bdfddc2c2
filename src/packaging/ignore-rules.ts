import { readFileSync } from "node:fs";
import { join } from "node:path";
import ignore from "ignore";
import { hasCode } from "../fs-error.ts";
import { unreadable } from "./limits.ts";

export const IGNORE_FILE = ".llmgwignore";
const NEVER_PACKAGED = /(?:^|\/)(?:\.git|\.llm-gw|__pycache__|node_modules\/\.cache)$/;

/** Whether a file or folder (its name with `/`, relative to the root) stays out of the package. */
export type IgnoreRules = (name: string, isFolder: boolean) => boolean;

/** The fixed rules, which no pattern can undo, and those of the `.llmgwignore` in the folder's root. */
export function ignoreRules(root: string): IgnoreRules {
  // By default the library ignores case, so the same folder would give other packages than git's rules suggest.
  const rules = ignore({ ignoreCase: false }).add(readIgnoreFile(root));
  return (name, isFolder) =>
    NEVER_PACKAGED.test(name) || name === IGNORE_FILE || rules.ignores(isFolder ? `${name}/` : name);
}

function readIgnoreFile(root: string): string {
  try {
    return readFileSync(join(root, IGNORE_FILE), "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    // A zip is no folder and has none.
    if (hasCode(error, "ENOENT", "ENOTDIR")) return "";
    throw unreadable(IGNORE_FILE, error);
  }
}
