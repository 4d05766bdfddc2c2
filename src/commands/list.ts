import { profileRegion } from "../aws/clients.ts";
import { type FoundGateway, findGateways } from "../aws/gateways.ts";
import { type Flags, profileOf } from "../config/settings.ts";
import { loadPlace } from "../config.ts";
import type { Io } from "../io.ts";
import type { Progress } from "../progress.ts";
import { count, wrapped } from "../text.ts";
import { requireLocalAws } from "./local-aws.ts";
import { callerIdentity, openAws } from "./session.ts";

export interface ListResult {
  readonly region: string;
  readonly account: string;
  /** By name and stage. */
  readonly gateways: readonly ListedGateway[];
  /** For people: one for each gateway. */
  readonly lines: readonly string[];
}

interface ListedGateway extends Omit<FoundGateway, "createdAt"> {
  /** ISO 8601; null when AWS does not tell. */
  readonly createdAt: string | null;
}

/** The gateways that the account has in the region, whoever deployed them and from wherever. Changes nothing. */
export async function list(flags: Flags, io: Io, progress: Progress): Promise<ListResult> {
  const place = await loadPlace(flags, io, () => profileRegion(profileOf(flags, io)));
  if (place.local) await requireLocalAws(io);
  const { aws } = openAws(place, flags, io, progress);
  const [{ account }, found] = await Promise.all([callerIdentity(aws), findGateways(aws)]);
  const gateways = found.map(({ createdAt, duplicates, ...gateway }) => ({
    ...gateway,
    createdAt: createdAt?.toISOString() ?? null,
    duplicates,
  }));
  const { region } = place;
  progress.line(
    `${gateways.length === 0 ? "no gateways" : count(gateways.length, "gateway")} in ${region}, account ${account}`,
  );
  const { stdout } = io.terminals;
  return { region, account, gateways, lines: table(gateways).map((line) => wrapped(line, stdout)) };
}

/** `chat  prod  https://.../prod  2026-01-01T00:00:00.000Z`, names and stages in columns. */
function table(gateways: readonly ListedGateway[]): string[] {
  const widest = (key: "name" | "stage") => Math.max(...gateways.map((gateway) => gateway[key].length));
  return gateways.map(({ name, stage, url, createdAt, duplicates }) =>
    [
      name.padEnd(widest("name")),
      stage.padEnd(widest("stage")),
      url,
      ...(createdAt === null ? [] : [createdAt]),
      ...(duplicates.length === 0 ? [] : [`(not alone: API ${duplicates.join(", ")})`]),
    ].join("  "),
  );
}
