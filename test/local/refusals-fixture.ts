import { expect, test } from "vitest";
import { type Refusal, refusal } from "./control-plane-support.ts";

/** One test for each refusal: its name, status and a part of its message. */
export function testRefusals(refusals: Record<string, Refusal>): void {
  test.each(Object.entries(refusals))("%s is refused", async (_case, [name, status, message, call]) => {
    const refused = await refusal(call());
    expect(refused).toMatchObject({ name, status });
    expect(refused.message).toContain(message);
  });
}
