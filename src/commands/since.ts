import { usageError } from "../errors.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

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
  if (time > now) throw usageError(`--since ${text} is in the future`);
  return Math.max(0, time);
}

function isoTime(text: string): number | undefined {
  const time = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
