import * as z from "zod";

const common = {
  /** The service of the operation, as signatures name it; left out: any. Three services have a TagResource. */
  service: z.string().min(1).optional(),
  /** The operation to disturb; left out: any. */
  operation: z.string().min(1).optional(),
  /** Which matching call since the list was set is the first to be disturbed, from 1. */
  nth: z.number().int().min(1),
  /** How many matching calls in a row are disturbed. */
  times: z.number().int().min(1).default(1),
  /** Before the operation runs, or after it ran and its answer is lost. */
  effect: z.enum(["before", "after"]),
};

/** The faults a test asks for, as the admin endpoint takes them. */
export const faultList = z.array(
  z.discriminatedUnion("kind", [
    z.strictObject({ ...common, kind: z.literal("drop") }),
    /** Refused with the error the service has for calls that come too fast. */
    z.strictObject({ ...common, kind: z.literal("throttle"), effect: z.literal("before").default("before") }),
    z.strictObject({
      ...common,
      kind: z.literal("error"),
      status: z.number().int().min(400).max(599),
      code: z.string().min(1),
      message: z.string(),
    }),
    z.strictObject({ ...common, kind: z.literal("delay"), ms: z.number().int().min(0).max(3_600_000) }),
    /** No answer until the list of faults is replaced. */
    z.strictObject({ ...common, kind: z.literal("hang") }),
  ]),
);

export type Fault = z.output<typeof faultList>[number];

/** The faults in force, with a count of the calls each has seen. */
export class FaultPlan {
  #armed: { readonly fault: Fault; seen: number }[] = [];
  #releases: (() => void)[] = [];

  set(faults: readonly Fault[]): void {
    this.#armed = faults.map((fault) => ({ fault, seen: 0 }));
    for (const release of this.#releases.splice(0)) release();
  }

  /** Resolves when the list is replaced. */
  replaced(): Promise<void> {
    return new Promise((resolve) => this.#releases.push(resolve));
  }

  /** Counts one call and returns the faults that strike it. */
  next(service: string, operation: string): readonly Fault[] {
    const struck: Fault[] = [];
    for (const armed of this.#armed) {
      if ((armed.fault.service ?? service) !== service || (armed.fault.operation ?? operation) !== operation) continue;
      armed.seen += 1;
      if (armed.seen >= armed.fault.nth && armed.seen < armed.fault.nth + armed.fault.times) struck.push(armed.fault);
    }
    return struck;
  }
}
