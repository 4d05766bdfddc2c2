import { usageError } from "../errors.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const ISO_TIME = /^(\d{4})-(\d\d)-(\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * A point in time, in milliseconds since 1970, from a span before `now` like 10m or 2d, or from an ISO time, which is
 * this computer's own where it names no zone.
 * @throws GatewayError Usage for anything else, and for the future
 */
export function parseSince(text: string, now: number): number {
  const [, count, unit = ""] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  const time = count === undefined ? isoTime(text) : now - Number(count) * (UNITS[unit] ?? 0);
  if (time === undefined) {
    throw usageError(`--since "${text}" is no time`, "It looks like 30s, 10m, 2h, 1d, 1w or 2026-01-31T09:00Z.");
  }
  if (time > now) {
    const hint = "A span like 10m goes back from now; a time without a zone is this computer's own.";
    throw usageError(`--since ${text} is in the future`, hint);
  }
  return Math.max(0, time);
}

/** A date alone is its midnight here, where Date.parse() would take UTC's; and that has a 30th of February in March. */
function isoTime(text: string): number | undefined {
  const [, year, month, day, clock] = ISO_TIME.exec(text) ?? [];
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (!(Number(day) <= last)) return undefined;
  const time = Date.parse(clock === undefined ? `${text}T00:00` : text);
  return Number.isNaN(time) ? undefined : time;
}
