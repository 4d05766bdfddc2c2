import { randomUUID } from "node:crypto";
import { isPreflight, preflightAnswer, withCors } from "../data-plane/cors.ts";
import type { FunctionVersion } from "../function-version.ts";
import type { HttpRequest, HttpResponse } from "../http.ts";
import { isThrottled, type MeteredRuntime, RETRY_AFTER } from "../metered-runtime.ts";
import type { Regions } from "../regions.ts";
import { type Qualified, qualifiedByArn, runnable } from "../services/lambda-qualifiers.ts";
import type { Account } from "../store/account.ts";
import type { FunctionUrl } from "../store/lambda.ts";
import { bufferedAnswer } from "./answer.ts";
import { authorize } from "./authorization.ts";
import { eventOf } from "./event.ts";
import { forbidden, lambdaMessage } from "./lambda-message.ts";
import { streamedAnswer } from "./streamed-answer.ts";

/** Bytes of an event, the body of the request included [aws 4.9]. */
const MAX_EVENT_BYTES = 6_291_456;

interface Target {
  readonly account: Account;
  readonly url: FunctionUrl;
  readonly found: Qualified;
}

/** The function URLs of every Region: `/lambda-url/{urlId}/...` [aws 4.12]. */
export class FunctionUrlPlane {
  readonly #regions: Regions;
  readonly #runtime: MeteredRuntime;

  constructor(regions: Regions, runtime: MeteredRuntime) {
    this.#regions = regions;
    this.#runtime = runtime;
  }

  /** Answers a request to a path below /lambda-url/ as a function URL does. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    const requestId = randomUUID();
    const [, urlId = "", path = "/"] = /^\/lambda-url\/([^/]*)(\/.*)?$/.exec(request.path) ?? [];
    const target = this.#find(urlId);
    // Unconfirmed: AWS may tell a URL that does not exist from one that is not allowed.
    const answer = target === undefined ? forbidden() : await this.#answer(target, request, path, requestId);
    return { ...answer, headers: { ...answer.headers, "x-amzn-requestid": requestId } };
  }

  async #answer(target: Target, request: HttpRequest, path: string, requestId: string): Promise<HttpResponse> {
    const { cors } = target.url;
    if (cors === undefined) return this.#serve(target, request, path, requestId);
    // A browser sends its preflight without credentials, so it is answered before anybody is asked for them.
    const { origin } = request.headers;
    // Unlike API Gateway's, with 200 (unconfirmed).
    if (isPreflight(request)) return { ...preflightAnswer(cors, origin), status: 200 };
    return withCors(await this.#serve(target, request, path, requestId), cors, origin);
  }

  async #serve(target: Target, request: HttpRequest, path: string, requestId: string): Promise<HttpResponse> {
    const { account, url, found } = target;
    const authorization = await authorize(account, url, found, request);
    if (!authorization.allowed) return forbidden();
    const fn = runnable(found);
    if (fn === undefined) return internalError();
    const { authorizer } = authorization;
    const event = Buffer.from(JSON.stringify(eventOf({ account, url, request, path, requestId, authorizer })));
    if (event.length > MAX_EVENT_BYTES) {
      const message = `Request must be smaller than ${MAX_EVENT_BYTES} bytes for the InvokeFunction operation`;
      return lambdaMessage(413, "RequestEntityTooLargeException", { Message: message });
    }
    try {
      return (await this.#invoke(fn, url, event, requestId)) ?? internalError();
    } catch (error) {
      if (!isThrottled(error)) throw error;
      const refused = lambdaMessage(429, error.code, { ...error.members, Type: "User", message: error.message });
      return { ...refused, headers: { ...refused.headers, ...RETRY_AFTER } };
    }
  }

  async #invoke(fn: FunctionVersion, url: FunctionUrl, event: Buffer, requestId: string) {
    if (url.invokeMode === "RESPONSE_STREAM") {
      return streamedAnswer(this.#runtime.invokeStreaming(fn, event, requestId));
    }
    const { functionError, payload } = await this.#runtime.invoke(fn, event, requestId);
    return functionError === undefined ? bufferedAnswer(payload) : undefined;
  }

  #find(urlId: string): Target | undefined {
    for (const account of this.#regions.known()) {
      const urls = [...account.functions.values()].flatMap((fn) => [...fn.urls.values()]);
      const url = urls.find(({ id }) => id === urlId);
      const found = url && qualifiedByArn(account, url.functionArn);
      if (url !== undefined && found !== undefined) return { account, url, found };
    }
    return undefined;
  }
}

/** The function failed or answered what is no answer: the caller learns nothing of it. */
function internalError(): HttpResponse {
  return { status: 502, headers: { "content-type": "application/json" }, body: "Internal Server Error" };
}
