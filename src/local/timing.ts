import * as z from "zod";

/** How slow and how eventually consistent the account is. Durations are milliseconds; 0 switches one off. */
export interface Timing {
  /** Added to every control plane call. */
  readonly latencyMs: number;
  /** How long after its creation, or a change of its trust policy, Lambda cannot assume a role. */
  readonly rolePropagationMs: number;
  /** How long a function stays Pending or InProgress. At 0 it is settled by the next call that looks at it. */
  readonly functionSettleMs: number;
  /** Items in one page of API Gateway. */
  readonly pageSize: number;
}

export const DEFAULT_TIMING: Timing = { latencyMs: 0, rolePropagationMs: 0, functionSettleMs: 0, pageSize: 25 };

const milliseconds = z.number().int().min(0).max(3_600_000);

/** A change of timing, as the admin endpoint takes it. */
export const timingChange = z.strictObject({
  latencyMs: milliseconds.optional(),
  rolePropagationMs: milliseconds.optional(),
  functionSettleMs: milliseconds.optional(),
  pageSize: z.number().int().min(1).max(1000).optional(),
});

/** The timing with the given values changed; a value left out keeps the old one. */
export function changeTiming(timing: Timing, change: z.output<typeof timingChange>): Timing {
  return {
    latencyMs: change.latencyMs ?? timing.latencyMs,
    rolePropagationMs: change.rolePropagationMs ?? timing.rolePropagationMs,
    functionSettleMs: change.functionSettleMs ?? timing.functionSettleMs,
    pageSize: change.pageSize ?? timing.pageSize,
  };
}
