import { randomBytes, randomUUID } from "node:crypto";
import type { HttpRequest, HttpResponse } from "../http.ts";
import { isThrottled, type MeteredRuntime } from "../metered-runtime.ts";
import type { DataPlaneAccount, DeployedRoute, DeployedStage } from "./account.ts";
import { answerOf } from "./answer.ts";
import { eventOf, type RoutedRequest } from "./event.ts";
import { gatewayMessage } from "./gateway-message.ts";
import { type Authorization, authorizeIam } from "./iam.ts";
import { matchRoute } from "./route.ts";
import { Throttle } from "./throttle.ts";

/** 10 MB for the gateway, 6 MB for the event it makes of them [aws 5.4, 4.9]. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

type Authorizer = (request: HttpRequest, account: DataPlaneAccount) => Promise<Authorization>;

const authorizers: Readonly<Record<DeployedRoute["authorizationType"], Authorizer>> = {
  NONE: async () => ({ allowed: true }),
  AWS_IAM: authorizeIam,
};

/** The URLs of the local HTTP APIs: `/execute-api/{apiId}/{stage}/...`, without the stage for `$default`. */
export class DataPlane {
  readonly #account: DataPlaneAccount;
  readonly #runtime: Pick<MeteredRuntime, "invoke">;
  readonly #throttle = new Throttle();

  constructor(account: DataPlaneAccount, runtime: Pick<MeteredRuntime, "invoke">) {
    this.#account = account;
    this.#runtime = runtime;
  }

  /** Answers a request to a path below /execute-api/ as an HTTP API does. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    const requestId = randomBytes(11).toString("base64");
    const { status, headers, body } = await this.#answer(request, requestId);
    return { status, headers: { ...headers, "apigw-requestid": requestId }, body };
  }

  async #answer(request: HttpRequest, requestId: string): Promise<HttpResponse> {
    const target = this.#findStage(request.path);
    const match = target && matchRoute(target.stage.routes, request.method, target.routePath);
    if (target === undefined || match === undefined) {
      return gatewayMessage(404, "Not Found");
    }
    const { stage, path } = target;
    if (!this.#throttle.take(stage)) {
      return gatewayMessage(429, "Too Many Requests");
    }
    if (request.body.length > MAX_BODY_BYTES) {
      return gatewayMessage(413, "Request Entity Too Large");
    }
    const authorization = await authorizers[match.route.authorizationType](request, this.#account);
    if (!authorization.allowed) {
      return authorization.response;
    }
    const { accountId, region } = this.#account;
    const authorizer = authorization.context;
    return this.#integrate({ request, stage, match, path, requestId, accountId, region, authorizer });
  }

  /** Calls the function of the route. Without permission, function or a usable answer it is a plain 500 [aws 5.9]. */
  async #integrate(routed: RoutedRequest): Promise<HttpResponse> {
    const { accountId, region, stage, match } = routed;
    const { functionArn, payloadFormatVersion, timeoutMs } = match.route.integration;
    const sourceArn = `arn:aws:execute-api:${region}:${accountId}:${stage.apiId}/${stage.stageName}/${match.arnTail}`;
    const fn = this.#account.functionVersion(functionArn);
    if (fn === undefined || payloadFormatVersion !== "2.0" || !this.#account.mayInvoke(functionArn, sourceArn)) {
      return internalError();
    }
    const event = Buffer.from(JSON.stringify(eventOf(routed)));
    if (event.length > MAX_EVENT_BYTES) {
      return gatewayMessage(413, "Request Entity Too Large");
    }
    const invoked = this.#runtime.invoke(fn, event, randomUUID()).then(
      (result) => (result.functionError === undefined ? answerOf(result.payload) : undefined) ?? internalError(),
      // Unconfirmed: a throttled function is told from a broken one by what may be tried again.
      (error: unknown) => (isThrottled(error) ? unavailable() : internalError()),
    );
    return within(timeoutMs, invoked, unavailable());
  }

  #findStage(requestPath: string): { stage: DeployedStage; path: string; routePath: string } | undefined {
    const [, apiId, path] = /^\/execute-api\/([^/]+)(\/.*)?$/.exec(requestPath) ?? [];
    if (apiId === undefined) {
      return undefined;
    }
    const [, stageName = "", rest] = /^\/([^/]*)(\/.*)?$/.exec(path ?? "/") ?? [];
    // `$default` has no place in the path: there it would be an ordinary segment.
    const named = stageName === "$default" ? undefined : this.#account.stage(apiId, stageName);
    if (named !== undefined) {
      return { stage: named, path: path ?? "/", routePath: rest ?? "/" };
    }
    const stage = this.#account.stage(apiId, "$default");
    return stage && { stage, path: path ?? "/", routePath: path ?? "/" };
  }
}

function internalError(): HttpResponse {
  return gatewayMessage(500, "Internal Server Error");
}

function unavailable(): HttpResponse {
  return gatewayMessage(503, "Service Unavailable");
}

/** What comes first: the answer, or the end of the time. What is late is not stopped, as on AWS. */
async function within(timeoutMs: number, answer: Promise<HttpResponse>, late: HttpResponse): Promise<HttpResponse> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<HttpResponse>((resolve) => {
    timer = setTimeout(() => resolve(late), timeoutMs);
  });
  try {
    return await Promise.race([answer, expired]);
  } finally {
    clearTimeout(timer);
  }
}
