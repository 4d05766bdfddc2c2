// Checked by `npm run types` alone: llm-gw.d.ts, which users see, says what the code says.
import type * as z from "zod";
import type * as published from "../llm-gw.d.ts";
import type { completion } from "../src/commands/completion.ts";
import type { deploy } from "../src/commands/deploy.ts";
import type { destroy } from "../src/commands/destroy.ts";
import type { doctor } from "../src/commands/doctor.ts";
import type { init } from "../src/commands/init.ts";
import type { invoke } from "../src/commands/invoke.ts";
import type { list } from "../src/commands/list.ts";
import type { LogsResult } from "../src/commands/logs.ts";
import type { status } from "../src/commands/status.ts";
import type { configSchema } from "../src/config/schema.ts";

/** What a command prints with --json: its result without the lines for people. */
type Document<Run extends (...given: never[]) => object> = Omit<Awaited<ReturnType<Run>>, "lines">;

/** The members that only one of the two has, or whose types differ. */
type Differences<A, B> = {
  [K in keyof A | keyof B]-?: K extends keyof A & keyof B ? (Same<A[K], B[K]> extends true ? never : K) : K;
}[keyof A | keyof B];
/** Mutual assignability would let one optional member stand for another. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does not compile when a member differs; the error names it. */
type AssertNone<Found extends never> = Found;

export type Checked = [
  AssertNone<Differences<published.Config, z.input<typeof configSchema>>>,
  AssertNone<Differences<published.CompletionResult, Document<typeof completion>>>,
  AssertNone<Differences<published.DeployResult, Document<typeof deploy>>>,
  AssertNone<Differences<published.DestroyResult, Document<typeof destroy>>>,
  AssertNone<Differences<published.DoctorResult, Document<typeof doctor>>>,
  AssertNone<Differences<published.InitResult, Document<typeof init>>>,
  AssertNone<Differences<published.InvokeResult, Document<typeof invoke>>>,
  AssertNone<Differences<published.ListResult, Document<typeof list>>>,
  AssertNone<Differences<published.LogsResult, LogsResult>>,
  AssertNone<Differences<published.StatusResult, Document<typeof status>>>,
];
