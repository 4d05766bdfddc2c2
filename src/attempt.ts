import { type Flags, profileOf } from "./config/settings.ts";
import type { GatewayError } from "./errors.ts";
import type { Io } from "./io.ts";

/** Runs `work` in a world that remembers what is to be hidden; what it throws comes back as the one error to show. */
export async function attempt<T>(
  flags: Flags,
  io: Io,
  work: (world: Io) => Promise<T>,
): Promise<{ readonly done: T } | { readonly failed: GatewayError }> {
  const secrets: string[] = [];
  const names: string[] = [];
  try {
    // What is looked up when it is asked for stays so.
    const world: Io = {
      ...io,
      interactive: io.interactive,
      hide(values, but = []) {
        secrets.push(...values);
        names.push(...but);
      },
    };
    return { done: await work(world) };
  } catch (error) {
    const { explain } = await import("./explain.ts");
    return { failed: explain(error, { profile: profileOf(flags, io), env: io.env, secrets, names }) };
  }
}
