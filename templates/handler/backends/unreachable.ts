import { type ApiError, upstreamFailed } from "../errors.ts";

/**
 * The 502 for a request that came to no usable answer. Names the errno or the kind of failure, never the address. Only what
 * the network did may pass in a moment; a certificate stays as it is.
 */
export function unreachable(error: unknown): ApiError {
  const { reason, isNetwork } = causeOf(error);
  const message = `The model's upstream gave no usable answer (${reason}).`;
  return upstreamFailed(message, { reason, recovery: isNetwork ? "retry" : "next" });
}

/** The 502 for an answer that ended before the model said that it is complete. */
export function brokenOff(): ApiError {
  const message = "The model's upstream broke off its answer.";
  return upstreamFailed(message, { reason: "broken off", recovery: "retry" });
}

/** The codes of OpenSSL and Node for a certificate that is not trusted, such as DEPTH_ZERO_SELF_SIGNED_CERT. */
const CERTIFICATE = /CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|HOSTNAME_MISMATCH/;

/** fetch hides what happened in `cause`: an errno such as ECONNREFUSED, or "unexpected redirect". */
function causeOf(error: unknown): { readonly reason: string; readonly isNetwork: boolean } {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error)) return { reason: error instanceof Error ? error.name : "no answer", isNetwork: false };
  if ("code" in cause && typeof cause.code === "string")
    return { reason: cause.code, isNetwork: !CERTIFICATE.test(cause.code) };
  return { reason: cause.message, isNetwork: false };
}
