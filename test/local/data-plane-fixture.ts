import { afterAll, beforeAll, beforeEach } from "vitest";
import type { CallableFunction, DataPlaneAccount, ServedStage } from "../../src/local/data-plane/account.ts";
import { DataPlane } from "../../src/local/data-plane/data-plane.ts";
import { FunctionRuntime } from "../../src/local/runtime/function-runtime.ts";
import type { Authorizer, Cors, Integration, Route, Stage } from "../../src/local/store/apigatewayv2.ts";
import type { PolicyStatement } from "../../src/local/store/lambda.ts";
import { functionOf } from "./function-fixture.ts";
import { serve, type TestServer } from "./http-fixture.ts";
import { KEY } from "./signing-fixture.ts";

/** Answers with its event, or does what the last part of the path says. */
const fn = functionOf({
  "index.js": `const fs = require("node:fs");
    exports.handler = async (event) => {
      const path = event.rawPath ?? event.path;
      if (path.endsWith("/answer")) return JSON.parse(event.body);
      if (path.endsWith("/throw")) throw new Error("no");
      if (path.endsWith("/wait")) {
        const { go, done } = JSON.parse(event.body);
        while (!fs.existsSync(go)) await new Promise(setImmediate);
        fs.writeFileSync(done, "");
      }
      return event.version === "1.0" ? { statusCode: 200, body: JSON.stringify(event) } : event;
    };`,
});

interface RouteChanges {
  readonly auth?: Route["authorizationType"];
  readonly authorizerId?: string;
  readonly scopes?: readonly string[];
  readonly functionArn?: string;
  readonly format?: "1.0" | "2.0";
  readonly timeoutMs?: number;
  /** False: the route has no target. */
  readonly target?: boolean;
}

type TestRoute = RouteChanges & { readonly routeKey: string };

export function route(routeKey: string, changes: RouteChanges = {}): TestRoute {
  return { routeKey, ...changes };
}

/** A statement that lets API Gateway call a function, by default from any ARN. */
export function allow(sourceArn?: string, changes: Partial<PolicyStatement> = {}): PolicyStatement {
  return {
    Sid: "s",
    Effect: "Allow",
    Principal: { Service: "apigateway.amazonaws.com" },
    Action: "lambda:InvokeFunction",
    Resource: "*",
    ...(sourceArn !== undefined && { Condition: { ArnLike: { "AWS:SourceArn": sourceArn } } }),
    ...changes,
  };
}

type StageChanges = Partial<Pick<Stage, "stageName" | "defaultRouteSettings" | "accessLogSettings">> & {
  readonly apiId?: string;
  readonly cors?: Partial<Cors>;
  readonly authorizers?: readonly Authorizer[];
  readonly routeSettings?: Record<string, Stage["defaultRouteSettings"]>;
  readonly stageVariables?: Record<string, string>;
  readonly cacheResetAt?: number;
};

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

export interface TestPlane {
  /** Replaces what is deployed: API a1 with the stage prod, unless the changes say otherwise. */
  deploy(routes: TestRoute[], changes?: StageChanges): void;
  /** Gives a function, by default that of the routes, another resource policy, or puts a function of one's own there. */
  function(changes: Partial<CallableFunction>, functionArn?: string): void;
  /** Sends a request to a path of API a1. */
  call(path: string, init?: RequestInit): Promise<Answer>;
  /** As call(), for a function that answers with its event. */
  event(path: string, init?: RequestInit): Promise<unknown>;
  /** What was logged since the last deploy. */
  readonly logged: readonly { readonly destinationArn: string; readonly line: string }[];
  /** The base URL of API a1. */
  readonly url: string;
  readonly host: string;
}

/** A data plane over HTTP with a hand-made account, for the tests of the calling file. */
export function testPlane(): TestPlane {
  const runtime = new FunctionRuntime({ onLog: () => {} });
  let server: TestServer;
  let served: ServedStage | undefined;
  let logged: { destinationArn: string; line: string }[] = [];
  const functions = new Map<string, CallableFunction>();
  const account: DataPlaneAccount = {
    accountId: "000000000000",
    region: "eu-west-1",
    stage: (apiId, stageName) => (served?.apiId === apiId && served.stage.stageName === stageName ? served : undefined),
    function: (arn) => functions.get(arn),
    secretAccessKey: (id) => (id === KEY.accessKeyId ? KEY.secretAccessKey : undefined),
    log: (destinationArn, _stream, line) => logged.push({ destinationArn, line }),
  };
  const plane: TestPlane = {
    deploy: (routes, changes = {}) => {
      served = servedStage(routes, changes);
      logged = [];
    },
    function: (changes, arn = fn.functionArn) => {
      const known = functions.get(arn) ?? { version: undefined, policy: [allow()] };
      functions.set(arn, { ...known, ...changes });
    },
    call: async (path, init = {}) => {
      const response = await fetch(`${plane.url}${path}`, init);
      return { status: response.status, headers: response.headers, body: await response.text() };
    },
    event: async (path, init) => JSON.parse((await plane.call(path, init)).body),
    get logged() {
      return logged;
    },
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
    functions.clear();
    plane.function({ version: fn });
    plane.deploy([route("ANY /{proxy+}")]);
  });
  return plane;
}

function servedStage(routes: readonly TestRoute[], changes: StageChanges): ServedStage {
  return {
    apiId: changes.apiId ?? "a1",
    cacheResetAt: changes.cacheResetAt ?? 0,
    stage: {
      stageName: changes.stageName ?? "prod",
      defaultRouteSettings: changes.defaultRouteSettings ?? {},
      routeSettings: new Map(Object.entries(changes.routeSettings ?? {})),
      stageVariables: new Map(Object.entries(changes.stageVariables ?? {})),
      accessLogSettings: changes.accessLogSettings,
    },
    deployment: {
      cors: changes.cors && { ...NO_CORS, ...changes.cors },
      authorizers: new Map((changes.authorizers ?? []).map((one) => [one.authorizerId, one])),
      routes: routes.map((one, index) => ({
        routeId: `r${index}`,
        routeKey: one.routeKey,
        authorizationType: one.auth ?? "NONE",
        authorizerId: one.authorizerId,
        authorizationScopes: one.scopes ?? [],
        target: one.target === false ? undefined : `integrations/i${index}`,
        operationName: undefined,
      })),
      integrations: new Map(routes.map((one, index) => [`i${index}`, integration(`i${index}`, one)])),
    },
  };
}

const NO_CORS: Cors = {
  allowCredentials: undefined,
  allowHeaders: undefined,
  allowMethods: undefined,
  allowOrigins: undefined,
  exposeHeaders: undefined,
  maxAge: undefined,
};

function integration(integrationId: string, one: TestRoute): Integration {
  return {
    integrationId,
    integrationType: "AWS_PROXY",
    integrationUri: one.functionArn ?? fn.functionArn,
    payloadFormatVersion: one.format ?? "2.0",
    timeoutInMillis: one.timeoutMs ?? 30_000,
    description: undefined,
  };
}

export const forbidden = { status: 403, body: '{"message":"Forbidden"}' };
export const unauthorized = { status: 401, body: '{"message":"Unauthorized"}' };
export const notFound = { status: 404, body: '{"message":"Not Found"}' };
export const tooMany = { status: 429, body: '{"message":"Too Many Requests"}' };
export const tooLarge = { status: 413, body: '{"message":"Request Entity Too Large"}' };
export const internalError = { status: 500, body: '{"message":"Internal Server Error"}' };
