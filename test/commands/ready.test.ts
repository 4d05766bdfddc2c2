// Whether a new endpoint answers for itself: it is asked over HTTP until it does.
import { expect, onTestFinished, test } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { whenReady } from "../../src/commands/ready.ts";
import { listen } from "../support/relay.ts";

const clock: Clock = { now: () => 0, elapsed: () => 0, sleep: async () => undefined };
const FORBIDDEN = [403, '{"message":"Forbidden"}'] as const;

/** Asks an endpoint that gives these answers one after the other, the last for ever; returns the warning and how many came. */
const ask = (auth: "iam" | "none", ...answers: readonly (readonly [number, string])[]) => askBy("POST", auth, answers);

async function askBy(method: string, auth: "iam" | "none", answers: readonly (readonly [number, string])[]) {
  let count = 0;
  const agents = new Set<string | undefined>();
  const endpoint = await listen(async ({ headers }, outgoing) => {
    agents.add(headers["user-agent"]);
    const [status, body] = answers[Math.min(count, answers.length - 1)] ?? [500, ""];
    count += 1;
    outgoing.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  onTestFinished(() => endpoint.close());
  const url = `${endpoint.url}/prod/inference`;
  const route = { routeKey: `${method} /inference`, method, url, auth };
  const { signal } = new AbortController();
  const warning = await whenReady(route, { clock, signal }, () => () => undefined);
  // By which a function can tell these requests from its callers'.
  expect([...agents]).toEqual(["llm-gw readiness"]);
  return { warning, count };
}

test("an open route that API Gateway still forbids is asked again", async () => {
  expect(await ask("none", FORBIDDEN, FORBIDDEN, [200, "{}"])).toEqual({ warning: undefined, count: 3 });
});

test("a function that forbids in API Gateway's words is not asked for ever", async () => {
  expect(await ask("none", FORBIDDEN)).toEqual({ warning: expect.stringContaining("status 403"), count: 5 });
});

test("a signed route that forbids a request without a signature is ready", async () => {
  expect(await ask("iam", [404, '{"message":"Not Found"}'], FORBIDDEN)).toEqual({ warning: undefined, count: 2 });
});

test("an open route that answers for itself is ready, whatever it says", async () => {
  expect(await ask("none", [403, '{"error":"no key"}'])).toEqual({ warning: undefined, count: 1 });
});

test.each([
  ["POST", "try llm-gw invoke --via lambda"],
  ["GET", "look into llm-gw logs"],
])("what a %s that fails leads to", async (method, next) => {
  const warning = `the endpoint answers, but with status 500: ${next}`;
  expect(await askBy(method, "none", [[500, "{}"]])).toEqual({ warning, count: 5 });
});
