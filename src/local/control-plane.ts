import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsError, notImplemented } from "./aws-error.ts";
import type { CallLog, Fault, FaultPlan } from "./faults.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";
import type { MeteredRuntime } from "./metered-runtime.ts";
import type { Regions } from "./regions.ts";
import { apigateway } from "./services/apigatewayv2.ts";
import { bedrock } from "./services/bedrock.ts";
import { iam } from "./services/iam.ts";
import { lambda } from "./services/lambda.ts";
import { logs } from "./services/logs.ts";
import { sts } from "./services/sts.ts";
import type { Account } from "./store.ts";
import { type Call, isMutating, type Service } from "./wire/service.ts";

const SERVICES: ReadonlyMap<string, Service> = new Map(
  [sts, iam, lambda, apigateway, logs, bedrock].map((service) => [service.name, service]),
);

/** A lost connection in place of an answer. */
export const DROP = Symbol("drop");

export interface ControlPlaneParts {
  readonly regions: Regions;
  readonly runtime: MeteredRuntime;
  readonly faults: FaultPlan;
  readonly calls: CallLog;
  readonly log: (line: string) => void;
}

/** Every service of the local AWS behind one address: the signature's credential scope names the one that is meant. */
export class ControlPlane {
  readonly #parts: ControlPlaneParts;

  constructor(parts: ControlPlaneParts) {
    this.#parts = parts;
  }

  /** Answers one request, errors included; never rejects. */
  async handle(request: HttpRequest): Promise<HttpResponse | typeof DROP> {
    const requestId = randomUUID();
    const authorization = request.headers.authorization;
    if (authorization === undefined) return missingToken(request, requestId);
    const scope = /\bCredential=[^/,\s]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request\b/.exec(authorization);
    if (scope === null) {
      const message = "Authorization header requires 'Credential' parameter with a SigV4 credential scope.";
      return looksLike(request).wire.fail(new AwsError("IncompleteSignature", 400, message), requestId);
    }
    const [, region = "", name = ""] = scope;
    const service = SERVICES.get(name);
    if (service === undefined) {
      return looksLike(request).wire.fail(notImplemented(`the service "${name}"`), requestId);
    }
    return this.#call(service, this.#parts.regions.of(region), request, requestId);
  }

  async #call(
    service: Service,
    account: Account,
    request: HttpRequest,
    requestId: string,
  ): Promise<HttpResponse | typeof DROP> {
    const { faults, calls } = this.#parts;
    const atMs = Date.now();
    if (account.timing.latencyMs > 0) await sleep(account.timing.latencyMs, undefined, { ref: false });
    let operation = `${request.method} ${request.path}`;
    let struck: readonly Fault[] = [];
    let answer: HttpResponse | typeof DROP;
    try {
      const call = service.wire.read(request);
      operation = call.operation;
      struck = faults.next(operation);
      answer =
        (await strike(service, struck, "before", requestId)) ??
        (await this.#run(service, account, call, request, requestId, struck));
    } catch (error) {
      answer = service.wire.fail(this.#awsError(error, service, operation), requestId);
    }
    const status = answer === DROP ? 0 : answer.status;
    calls.add({
      service: service.name,
      operation,
      status,
      atMs,
      mutating: isMutating(operation),
      ...(struck.length > 0 && { fault: struck.map((fault) => `${fault.effect} ${fault.kind}`).join(", ") }),
    });
    this.#parts.log(`${service.name} ${operation} ${status === 0 ? "dropped" : status}`);
    return answer;
  }

  /** Runs the operation; a fault that strikes after it takes its answer away. */
  async #run(
    service: Service,
    account: Account,
    call: Call,
    request: HttpRequest,
    requestId: string,
    struck: readonly Fault[],
  ): Promise<HttpResponse | typeof DROP> {
    const operation = service.operations.get(call.operation);
    if (operation === undefined) throw notImplemented(`the operation ${call.operation} of ${service.name}`);
    let answer: HttpResponse;
    try {
      const context = { requestId, request, runtime: this.#parts.runtime };
      answer = service.wire.answer(call, await operation(account, call.input, context), requestId);
    } catch (error) {
      answer = service.wire.fail(this.#awsError(error, service, call.operation), requestId);
    }
    return (await strike(service, struck, "after", requestId)) ?? answer;
  }

  #awsError(error: unknown, service: Service, operation: string): AwsError {
    if (error instanceof AwsError) return error;
    const message = error instanceof Error ? error.message : String(error);
    this.#parts.log(`${service.name} ${operation} failed in the local AWS itself: ${message}`);
    return new AwsError("InternalFailure", 500, `The local AWS failed at ${operation}: ${message}`);
  }
}

async function strike(
  service: Service,
  faults: readonly Fault[],
  effect: Fault["effect"],
  requestId: string,
): Promise<HttpResponse | typeof DROP | undefined> {
  for (const fault of faults) {
    if (fault.effect !== effect) continue;
    if (fault.kind === "drop") return DROP;
    if (fault.kind === "error") {
      return service.wire.fail(new AwsError(fault.code, fault.status, fault.message), requestId);
    }
    await sleep(fault.ms, undefined, { ref: false });
  }
  return undefined;
}

function missingToken(request: HttpRequest, requestId: string): HttpResponse {
  const service = looksLike(request);
  const error =
    service === iam
      ? new AwsError("MissingAuthenticationToken", 403, "Request is missing Authentication Token")
      : new AwsError("MissingAuthenticationTokenException", 403, "Missing Authentication Token");
  return service.wire.fail(error, requestId);
}

/** Whose protocol to answer in when the signature does not say which service is meant. */
function looksLike(request: HttpRequest): Service {
  if (request.headers["x-amz-target"] !== undefined) return logs;
  if (request.path.startsWith("/v2/")) return apigateway;
  return request.path === "/" ? iam : lambda;
}
