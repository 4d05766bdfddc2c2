import { describe, expect, it } from "vitest";
import type { DeployedRoute } from "../../src/local/data-plane/account.ts";
import { matchRoute } from "../../src/local/data-plane/route.ts";
import { Throttle } from "../../src/local/data-plane/throttle.ts";

const integration = { functionArn: "arn", payloadFormatVersion: "2.0", timeoutMs: 30_000 };
const routes: DeployedRoute[] = [
  "$default",
  "ANY /{proxy+}",
  "GET /pets/{proxy+}",
  "GET /pets/{kind}/{id}",
  "ANY /pets/dog/{id}",
  "GET /pets/dog/{id}",
  "GET /pets/dog/1",
  "POST /inference",
].map((routeKey) => ({ routeKey, authorizationType: "NONE", integration }));

describe("route selection", () => {
  // The order of API Gateway's own example: full match, then path parameter, then greedy, then $default.
  it.each([
    ["GET", "/pets/dog/1", "GET /pets/dog/1", {}],
    ["GET", "/pets/dog/2", "GET /pets/dog/{id}", { id: "2" }],
    ["PUT", "/pets/dog/2", "ANY /pets/dog/{id}", { id: "2" }],
    ["PUT", "/pets/dog/1", "ANY /pets/dog/{id}", { id: "1" }],
    ["GET", "/pets/cat/a%20b", "GET /pets/{kind}/{id}", { kind: "cat", id: "a b" }],
    ["GET", "/pets/cat/1/2", "GET /pets/{proxy+}", { proxy: "cat/1/2" }],
    ["POST", "/pets/cat/1", "ANY /{proxy+}", { proxy: "pets/cat/1" }],
    ["POST", "/inference", "POST /inference", {}],
    ["GET", "/inference", "ANY /{proxy+}", { proxy: "inference" }],
    ["POST", "/inference/", "ANY /{proxy+}", { proxy: "inference/" }],
    ["GET", "/", "$default", {}],
  ])("%s %s goes to %s", (method, path, routeKey, pathParameters) => {
    const match = matchRoute([...routes].reverse(), method, path);
    expect(match?.route.routeKey).toBe(routeKey);
    expect(match?.pathParameters).toEqual(pathParameters);
    expect(matchRoute(routes, method, path)).toEqual(match);
  });

  it("finds nothing where nothing matches", () => {
    expect(matchRoute(routes.slice(-2), "GET", "/inference")).toBeUndefined();
  });

  it("names the route for permissions", () => {
    expect(matchRoute(routes, "PUT", "/pets/dog/2")?.arnTail).toBe("PUT/pets/dog/{id}");
    expect(matchRoute(routes, "GET", "/")?.arnTail).toBe("$default");
  });
});

describe("throttle", () => {
  const stage = { apiId: "a", stageName: "prod", routes: [], throttle: { rate: 2, burst: 3 } };

  it("lets a burst through, then the rate", () => {
    const throttle = new Throttle();
    const at = (now: number) => throttle.take(stage, now);
    expect([at(0), at(0), at(0), at(0)]).toEqual([true, true, true, false]);
    expect([at(499), at(500), at(600), at(1000)]).toEqual([false, true, false, true]);
    expect([at(60_000), at(60_000), at(60_000), at(60_000)]).toEqual([true, true, true, false]);
  });

  it("counts each stage for itself and forgets a stage that is not throttled", () => {
    const throttle = new Throttle();
    expect([1, 2, 3, 4].map(() => throttle.take(stage, 0))).toEqual([true, true, true, false]);
    expect(throttle.take({ ...stage, stageName: "other" }, 0)).toBe(true);
    expect(throttle.take({ ...stage, throttle: undefined }, 0)).toBe(true);
    expect(throttle.take(stage, 0)).toBe(true);
  });
});
