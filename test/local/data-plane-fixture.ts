import { afterAll, beforeAll, beforeEach } from "vitest";
import type { DataPlaneAccount, DeployedRoute, DeployedStage } from "../../src/local/data-plane/account.ts";
import { DataPlane } from "../../src/local/data-plane/data-plane.ts";
import { FunctionRuntime } from "../../src/local/runtime/function-runtime.ts";
import { functionOf } from "./function-fixture.ts";
import { serve, type TestServer } from "./http-fixture.ts";
import { KEY } from "./signing-fixture.ts";

/** Answers with its event, or does what the last part of the path says. */
const fn = functionOf({
  "index.js": `const fs = require("node:fs");
    exports.handler = async (event) => {
      if (event.rawPath.endsWith("/answer")) return JSON.parse(event.body);
      if (event.rawPath.endsWith("/throw")) throw new Error("no");
      if (event.rawPath.endsWith("/wait")) {
        const { go, done } = JSON.parse(event.body);
        while (!fs.existsSync(go)) await new Promise(setImmediate);
        fs.writeFileSync(done, "");
      }
      return event;
    };`,
});

type RouteChanges = Partial<Omit<DeployedRoute, "integration">> & Partial<DeployedRoute["integration"]>;

export function route(routeKey: string, changes: RouteChanges = {}): DeployedRoute {
  const { authorizationType = "NONE", ...integration } = changes;
  const defaults = { functionArn: fn.functionArn, payloadFormatVersion: "2.0", timeoutMs: 30_000 };
  return { routeKey, authorizationType, integration: { ...defaults, ...integration } };
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

export interface TestPlane {
  /** Replaces what is deployed: API a1 with the stage prod, unless the changes say otherwise. */
  deploy(routes: DeployedRoute[], changes?: Partial<DeployedStage>): void;
  /** Decides about permissions from now on; returns the source ARNs asked for. */
  permit(allowed: boolean): string[];
  /** Sends a request to a path of API a1. */
  call(path: string, init?: RequestInit): Promise<Answer>;
  /** As call(), for a function that answers with its event. */
  event(path: string, init?: RequestInit): Promise<unknown>;
  /** The base URL of API a1. */
  readonly url: string;
  readonly host: string;
}

/** A data plane over HTTP with a hand-made account, for the tests of the calling file. */
export function testPlane(): TestPlane {
  const runtime = new FunctionRuntime({ onLog: () => {} });
  let server: TestServer;
  let stages: DeployedStage[] = [];
  let allowed = true;
  let asked: string[] = [];
  const account: DataPlaneAccount = {
    accountId: "000000000000",
    region: "eu-west-1",
    stage: (apiId, stageName) => stages.find((stage) => stage.apiId === apiId && stage.stageName === stageName),
    functionVersion: (arn) => (arn === fn.functionArn ? fn : undefined),
    mayInvoke: (_arn, sourceArn) => {
      asked.push(sourceArn);
      return allowed;
    },
    secretAccessKey: (id) => (id === KEY.accessKeyId ? KEY.secretAccessKey : undefined),
  };
  const plane: TestPlane = {
    deploy: (routes, changes = {}) => {
      stages = [{ apiId: "a1", stageName: "prod", routes, throttle: undefined, ...changes }];
    },
    permit: (value) => {
      allowed = value;
      asked = [];
      return asked;
    },
    call: async (path, init = {}) => {
      const response = await fetch(`${plane.url}${path}`, init);
      return { status: response.status, headers: response.headers, body: await response.text() };
    },
    event: async (path, init) => JSON.parse((await plane.call(path, init)).body),
    get url() {
      return `${server.url}/execute-api/a1`;
    },
    get host() {
      return server.host;
    },
  };
  beforeAll(async () => {
    const dataPlane = new DataPlane(account, runtime);
    server = await serve((request) => dataPlane.handle(request));
  });
  afterAll(async () => {
    await server.close();
    await runtime.close();
  });
  beforeEach(() => {
    plane.permit(true);
    plane.deploy([route("ANY /{proxy+}")]);
  });
  return plane;
}

export const forbidden = { status: 403, body: '{"message":"Forbidden"}' };
export const internalError = { status: 500, body: '{"message":"Internal Server Error"}' };
