import * as z from "zod";

/** How slow and how eventually consistent the account is. Durations are milliseconds; 0 switches one off. */
export interface Timing {
  /** Added to every control plane call. */
  readonly latencyMs: number;
  /** How long after its creation, or a change of its trust policy, Lambda cannot assume a role. */
  readonly rolePropagationMs: number;
  /** How long a function stays Pending or InProgress. At 0 it is settled by the next call that looks at it. */
  readonly functionSettleMs: number;
  /** How long a deployment stays PENDING before its stages serve it. */
  readonly deploymentMs: number;
  /** How long a call that reads may still answer as it did before a write: what was made is missing, what was deleted visible. */
  readonly readLagMs: number;
  /** How long after its answer a write keeps its API, or its function's policy, busy: another one meanwhile is a conflict. */
  readonly writeMs: number;
  /** Whether the rates AWS documents are enforced [aws 4.9, 5.3]. */
  readonly rates: boolean;
  /** How many items a page of a listing has at most, whatever is asked for. */
  readonly pageSize: number;
}

/** The timings by name. */
export const TIMINGS = {
  /** Everything at once, and consistent. */
  off: {
    latencyMs: 0,
    rolePropagationMs: 0,
    functionSettleMs: 0,
    deploymentMs: 0,
    readLagMs: 0,
    writeMs: 0,
    rates: false,
    pageSize: 1_000,
  },
  /** A good day in a Region nearby [aws 3.6, 4.4, 5.3]. */
  realistic: {
    latencyMs: 60,
    rolePropagationMs: 8_000,
    functionSettleMs: 2_000,
    deploymentMs: 1_000,
    readLagMs: 300,
    writeMs: 0,
    rates: true,
    pageSize: 1_000,
  },
  /** A bad day: everything late, conflicts even between calls made one after the other [aws 5.2], two items to a page. */
  hostile: {
    latencyMs: 100,
    rolePropagationMs: 20_000,
    functionSettleMs: 6_000,
    deploymentMs: 5_000,
    readLagMs: 2_000,
    writeMs: 250,
    rates: true,
    pageSize: 2,
  },
} satisfies Record<string, Timing>;

const milliseconds = z.number().int().min(0).max(3_600_000);

/** A change of timing, as the admin endpoint takes it: a named timing, single values, or values in place of a named one's. */
export const timingChange = z.strictObject({
  timing: z.enum(["off", "realistic", "hostile"]).optional(),
  latencyMs: milliseconds.optional(),
  rolePropagationMs: milliseconds.optional(),
  functionSettleMs: milliseconds.optional(),
  deploymentMs: milliseconds.optional(),
  readLagMs: milliseconds.optional(),
  writeMs: milliseconds.optional(),
  rates: z.boolean().optional(),
  pageSize: z.number().int().min(1).max(1000).optional(),
});

export type TimingChange = z.output<typeof timingChange>;

/** The timing with the given values changed; a value left out keeps the old one. */
export function changeTiming(old: Timing, { timing, ...values }: TimingChange): Timing {
  const base = timing === undefined ? old : TIMINGS[timing];
  return {
    latencyMs: values.latencyMs ?? base.latencyMs,
    rolePropagationMs: values.rolePropagationMs ?? base.rolePropagationMs,
    functionSettleMs: values.functionSettleMs ?? base.functionSettleMs,
    deploymentMs: values.deploymentMs ?? base.deploymentMs,
    readLagMs: values.readLagMs ?? base.readLagMs,
    writeMs: values.writeMs ?? base.writeMs,
    rates: values.rates ?? base.rates,
    pageSize: values.pageSize ?? base.pageSize,
  };
}
