/** How long an upstream asks to be left alone. */
export interface Wait {
  /** Milliseconds; undefined when it does not say. */
  readonly ms: number | undefined;
  /** Its own headers, for the caller. */
  readonly headers: Readonly<Record<string, string>>;
}

const NAMES = ["retry-after-ms", "retry-after"] as const;

/** The wait that an answer's headers ask for; `headerOf` gives one by its name in lower case. */
export function waitOf(headerOf: (name: string) => string | null | undefined): Wait {
  const headers: Partial<Record<(typeof NAMES)[number], string>> = {};
  for (const name of NAMES) {
    const value = headerOf(name);
    if (value) headers[name] = value;
  }
  return { headers, ms: milliseconds(headers["retry-after-ms"]) ?? untilSecondsOrDate(headers["retry-after"]) };
}

function milliseconds(value: string | undefined): number | undefined {
  const ms = Number(value);
  return value === undefined || Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** `retry-after` is a number of seconds or a date. */
function untilSecondsOrDate(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
