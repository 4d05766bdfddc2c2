import type { HttpRequest, HttpResponse } from "../http.ts";
import type { Invoker } from "../metered-runtime.ts";
import { logAccess } from "./access-log.ts";
import type { DataPlaneAccount, ServedStage } from "./account.ts";
import { Authorizers } from "./authorizers.ts";
import { isPreflight, preflightAnswer, withCors } from "./cors.ts";
import { routesOf } from "./deployed-routes.ts";
import type { Exchange, RoutedExchange } from "./exchange.ts";
import { type Answer, gatewayMessage } from "./gateway-message.ts";
import { newRequestId } from "./ids.ts";
import { integrate } from "./integration.ts";
import { Throttle } from "./throttle.ts";

/** 10 MB of body, 10,240 bytes of request line and headers [aws 5.4]. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_HEAD_BYTES = 10_240;

interface Target {
  readonly served: ServedStage;
  /** Percent-encoded, with the stage unless it is `$default`. */
  readonly path: string;
  /** Percent-encoded, without the stage. */
  readonly routePath: string;
}

/** The URLs of the local HTTP APIs: `/execute-api/{apiId}/{stage}/...`, without the stage for `$default`. */
export class DataPlane {
  readonly #account: DataPlaneAccount;
  readonly #runtime: Invoker;
  readonly #authorizers: Authorizers;
  readonly #throttle = new Throttle();

  constructor(account: DataPlaneAccount, runtime: Invoker) {
    this.#account = account;
    this.#runtime = runtime;
    this.#authorizers = new Authorizers(runtime);
  }

  /** Answers a request to a path below /execute-api/ as an HTTP API does. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    const requestId = newRequestId();
    const { status, headers, body } = await this.#answer(request, requestId);
    return { status, headers: { ...headers, "apigw-requestid": requestId }, body };
  }

  async #answer(request: HttpRequest, requestId: string): Promise<Answer> {
    const target = this.#find(request.path);
    if (target === undefined) {
      return gatewayMessage(404, "Not Found");
    }
    if (headBytes(request, target.path) > MAX_HEAD_BYTES) {
      // The status is unconfirmed, the limit is not.
      return gatewayMessage(431, "Request Header Fields Too Large");
    }
    const { served, path, routePath } = target;
    const exchange: Exchange = {
      account: this.#account,
      request,
      ...served,
      path,
      requestId,
      atMs: Date.now(),
      startedAt: performance.now(),
      match: routesOf(served.deployment).match(request.method, routePath),
      caller: undefined,
      authorizerError: undefined,
      integration: undefined,
    };
    const answer = await this.#serve(exchange);
    logAccess(exchange, answer);
    return answer;
  }

  async #serve(exchange: Exchange): Promise<Answer> {
    const { request, deployment } = exchange;
    const { cors } = deployment;
    if (cors === undefined) {
      return this.#route(exchange);
    }
    const { origin } = request.headers;
    if (isPreflight(request)) {
      // A route that takes OPTIONS and asks who is there asks browsers too, which then fail [APIGWDG http-api-cors,
      // considerations for $default]; that ANY routes do as $default is what users report.
      const refusal = hasMatch(exchange) ? await this.#refusal(exchange) : undefined;
      return refusal === undefined ? preflightAnswer(cors, origin) : withCors(refusal, cors, origin);
    }
    return withCors(await this.#route(exchange), cors, origin);
  }

  async #route(exchange: Exchange): Promise<Answer> {
    if (!hasMatch(exchange)) {
      return gatewayMessage(404, "Not Found");
    }
    const refusal = await this.#refusal(exchange);
    if (refusal !== undefined) {
      return refusal;
    }
    const { integration } = exchange.match.route;
    // A route without a target is as good as none (the status is unconfirmed).
    return integration === undefined
      ? gatewayMessage(404, "Not Found")
      : integrate(this.#runtime, exchange, integration);
  }

  /** Why the gateway does not let a request go to its route; undefined: it does. */
  async #refusal(exchange: RoutedExchange): Promise<Answer | undefined> {
    const { stage, match, request } = exchange;
    if (!this.#throttle.take(stage, match.route.routeKey)) {
      return gatewayMessage(429, "Too Many Requests");
    }
    if (request.body.length > MAX_BODY_BYTES) {
      return gatewayMessage(413, "Request Entity Too Large");
    }
    const authorization = await this.#authorizers.authorize(exchange, match.route.access);
    if (authorization.allowed) {
      exchange.caller = authorization.caller;
      return undefined;
    }
    exchange.authorizerError = authorization.error;
    return authorization.response;
  }

  #find(requestPath: string): Target | undefined {
    const [, apiId, path = "/"] = /^\/execute-api\/([^/]+)(\/.*)?$/.exec(requestPath) ?? [];
    if (apiId === undefined) {
      return undefined;
    }
    const end = path.indexOf("/", 1);
    const stageName = path.slice(1, end === -1 ? undefined : end);
    // `$default` has no place in the path: there it would be an ordinary segment.
    const named = stageName === "" || stageName === "$default" ? undefined : this.#account.stage(apiId, stageName);
    if (named !== undefined) {
      return { served: named, path, routePath: end === -1 ? "/" : path.slice(end) };
    }
    const served = this.#account.stage(apiId, "$default");
    return served && { served, path, routePath: path };
  }
}

function hasMatch(exchange: Exchange): exchange is RoutedExchange {
  return exchange.match !== undefined;
}

/** The size of request line and headers as they would be on AWS, where the path begins after the API. */
function headBytes({ method, query, headers }: HttpRequest, path: string): number {
  let bytes = method.length + path.length + query.length + "  HTTP/1.1\r\n".length;
  for (const name in headers) {
    bytes += name.length + (headers[name]?.length ?? 0) + ": \r\n".length;
  }
  return bytes;
}
