import type { STSClient } from "@aws-sdk/client-sts";
import type { Clock } from "../../clock.ts";
import { member } from "../../json.ts";
import { broken, type Finding, ok, unknown } from "./finding.ts";

const NAME = "clock";
/** AWS refuses a signature that is older or younger. */
const TOLERANCE_SECONDS = 300;

/**
 * Compares this computer's clock with the Date header of whatever the client is answered from now on, errors included.
 * @returns gives what was found
 */
export function compareClocks(client: STSClient, clock: Clock): () => Finding {
  let aheadMs: number | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const date = Date.parse(String(member(member(result.response, "headers"), "date")));
      if (!Number.isNaN(date)) aheadMs = clock.now() - date;
      return result;
    },
    // Next to the wire: the SDK's own steps turn an answer that is an error into an exception.
    { step: "deserialize", name: "llmGwClock", priority: "low" },
  );
  return () => {
    if (aheadMs === undefined) return unknown(NAME, "AWS has not answered, and so has not told the time");
    const seconds = Math.round(Math.abs(aheadMs) / 1000);
    const difference = `${seconds} s ${aheadMs < 0 ? "behind" : "ahead of"} AWS`;
    if (seconds <= TOLERANCE_SECONDS) return ok(NAME, seconds <= 1 ? "as AWS's" : difference);
    const hint = "Let it follow a time server: AWS refuses signatures that are more than five minutes off.";
    return broken(NAME, { message: difference, hint });
  };
}
