import { GatewayError } from "../errors.ts";
import { fileTrouble } from "../fs-error.ts";

/** The most Lambda takes in a direct upload, in bytes of zip. [aws 4.9] */
export const MAX_ZIPPED_BYTES = 52_428_800;
/** The most Lambda unpacks, in bytes of all files together. [aws 4.9] */
export const MAX_UNZIPPED_BYTES = 262_144_000;
/** A zip without extensions counts its files in 16 bits (APPNOTE 4.4.21). */
export const MAX_FILES = 65_535;

const LEAVE_OUT = "Leave out what the function does not need with a .llmgwignore file (gitignore syntax).";

export function zippedTooLarge(path: string): GatewayError {
  return new GatewayError(
    "CodeTooLarge",
    `The code in ${path} is above 50 MB zipped (${MAX_ZIPPED_BYTES} bytes), the most Lambda takes.`,
    { hint: LEAVE_OUT },
  );
}

/** `largest`: the biggest file seen, so that the user knows where to start. */
export function unzippedTooLarge(
  path: string,
  largest: { readonly name: string; readonly size: number },
): GatewayError {
  return new GatewayError(
    "CodeTooLarge",
    `The code in ${path} is above 250 MB unzipped (${MAX_UNZIPPED_BYTES} bytes), the most Lambda takes.`,
    { hint: `${LEAVE_OUT} A large one: ${largest.name} (${Math.ceil(largest.size / 1_048_576)} MB).` },
  );
}

export function tooManyFiles(path: string): GatewayError {
  return new GatewayError(
    "CodeTooLarge",
    `The code in ${path} has more than ${MAX_FILES} files, the most a zip holds.`,
    {
      hint: `${LEAVE_OUT} A bundler such as esbuild makes one file out of many.`,
    },
  );
}

/** A file or folder that the operating system would not let us read. */
export function unreadable(name: string, cause: unknown): GatewayError {
  const reason = fileTrouble(cause)?.reason ?? (cause instanceof Error ? cause.message : String(cause));
  return new GatewayError("CodeUnreadable", `Cannot read ${name}: ${reason}`, {
    hint: "Fix it, or leave it out with a .llmgwignore file.",
    cause,
  });
}
