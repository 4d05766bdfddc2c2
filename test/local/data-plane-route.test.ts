import { describe, expect, it } from "vitest";
import { RouteTable } from "../../src/local/data-plane/route-table.ts";
import { Throttle } from "../../src/local/data-plane/throttle.ts";

const routes = [
  "$default",
  "ANY /{proxy+}",
  "GET /pets/{proxy+}",
  "GET /pets/{kind}/{id}",
  "ANY /pets/dog/{id}",
  "GET /pets/dog/{id}",
  "GET /pets/dog/1",
  "POST /inference",
  "ANY /inference/batch",
].map((routeKey) => ({ routeKey }));

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
    ["GET", "/pets/cat/a%2Fb", "GET /pets/{kind}/{id}", { kind: "cat", id: "a/b" }],
    ["GET", "/pets/a%2Fb/c/d", "GET /pets/{proxy+}", { proxy: "a/b/c/d" }],
    ["GET", "/pets/%zz/1", "GET /pets/{kind}/{id}", { kind: "%zz", id: "1" }],
    ["POST", "/%69nference", "POST /inference", {}],
    ["PUT", "/inference/batch", "ANY /inference/batch", {}],
    ["POST", "/inference/", "ANY /{proxy+}", { proxy: "inference/" }],
    ["GET", "/", "$default", {}],
  ])("%s %s goes to %s", (method, path, routeKey, pathParameters) => {
    const match = new RouteTable([...routes].reverse()).match(method, path);
    expect(match).toEqual({ route: { routeKey }, pathParameters });
    expect(new RouteTable(routes).match(method, path)).toEqual(match);
  });

  it("keeps parameters with names objects have", () => {
    const table = new RouteTable([{ routeKey: "GET /{__proto__}/{constructor}" }]);
    const { pathParameters = {} } = table.match("GET", "/a/b") ?? {};
    expect(Object.entries(pathParameters)).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  it("finds nothing where nothing matches", () => {
    expect(new RouteTable(routes.slice(-2)).match("GET", "/inference")).toBeUndefined();
    expect(new RouteTable([{ routeKey: "GET /a/{id}/b" }]).match("GET", "/a//b")).toBeUndefined();
    expect(new RouteTable([{ routeKey: "GET /a/{rest+}" }]).match("GET", "/a/")).toBeUndefined();
  });
});

describe("throttle", () => {
  const stage = (rate: number | undefined, burst: number | undefined, own: Record<string, object> = {}) => ({
    stageName: "prod",
    defaultRouteSettings: { throttlingRateLimit: rate, throttlingBurstLimit: burst },
    routeSettings: new Map(Object.entries(own)),
    stageVariables: new Map(),
    accessLogSettings: undefined,
  });

  it("lets a burst through, then the rate", () => {
    const [throttle, limited] = [new Throttle(), stage(2, 3)];
    const at = (now: number) => throttle.take(limited, "GET /", now);
    expect([at(0), at(0), at(0), at(0)]).toEqual([true, true, true, false]);
    expect([at(499), at(500), at(600), at(1000)]).toEqual([false, true, false, true]);
    expect([at(60_000), at(60_000), at(60_000), at(60_000)]).toEqual([true, true, true, false]);
  });

  it("counts each stage for itself, its routes together, and a route with limits of its own apart", () => {
    const throttle = new Throttle();
    const limited = stage(1, 2, { "GET /own": { throttlingBurstLimit: 1 }, "GET /metrics": {} });
    const take = (routeKey: string) => throttle.take(limited, routeKey, 0);
    expect([take("GET /a"), take("GET /metrics"), take("GET /a")]).toEqual([true, true, false]);
    expect([take("GET /own"), take("GET /own")]).toEqual([true, false]);
    expect(throttle.take(stage(1, 2), "GET /a", 0)).toBe(true);
  });

  it("lets a route through that its stage would block", () => {
    const blocked = stage(0, 0, { "GET /open": { throttlingRateLimit: 1, throttlingBurstLimit: 1 } });
    const throttle = new Throttle();
    expect(throttle.take(blocked, "GET /a", 0)).toBe(false);
    expect(throttle.take(blocked, "GET /open", 0)).toBe(true);
  });

  it("never lets more through than the account has", () => {
    const throttle = new Throttle();
    const many = (count: number, now: number, limited = stage(undefined, undefined)) =>
      Array.from({ length: count }, () => throttle.take(limited, "GET /", now)).filter(Boolean).length;
    expect(many(6_000, 0, stage(50_000, 50_000))).toBe(5_000);
    expect(many(10, 0)).toBe(0);
    expect(many(5_000, 100)).toBe(1_000);
  });
});
