import { type ApiError, upstreamFailed } from "../errors.ts";

/** The 502 for a request that came to no usable answer. Names the errno or the kind of failure, never the address. */
export function unreachable(error: unknown): ApiError {
  const reason = networkReason(error);
  return upstreamFailed(`The model's upstream gave no usable answer (${reason}).`, { reason });
}

/** fetch hides what happened in `cause`: an errno such as ECONNREFUSED, or "unexpected redirect". */
function networkReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error)) return error instanceof Error ? error.name : "no answer";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}
