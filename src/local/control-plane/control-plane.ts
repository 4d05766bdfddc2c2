import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsError, notImplemented } from "../aws-error.ts";
import type { HttpRequest, HttpResponse } from "../http.ts";
import type { MeteredRuntime } from "../metered-runtime.ts";
import type { Regions } from "../regions.ts";
import { apigateway } from "../services/apigatewayv2.ts";
import { iam } from "../services/iam.ts";
import { lambda } from "../services/lambda.ts";
import { logs } from "../services/logs.ts";
import { SERVICES } from "../services/services.ts";
import type { Account } from "../store/account.ts";
import { type Call, isMutating, type Service } from "../wire/service.ts";
import { authenticationError, incompleteSignature, missingToken, type Scope, scopeOf } from "./authentication.ts";
import { authorize } from "./authorization.ts";
import type { CallLog } from "./call-log.ts";
import type { Fault, FaultPlan } from "./faults.ts";
import { Rates, throttled } from "./rates.ts";
import { mayLag, ReadLag } from "./read-lag.ts";
import { checkRegion } from "./region.ts";
import { Writers } from "./writers.ts";

/** A lost connection in place of an answer. */
export const DROP = Symbol("drop");

type Answer = HttpResponse | typeof DROP;

export interface ControlPlaneParts {
  readonly regions: Regions;
  readonly runtime: MeteredRuntime;
  readonly faults: FaultPlan;
  readonly calls: CallLog;
  readonly log: (line: string) => void;
  /** Refuse calls signed with a key the account does not know. */
  readonly knownKeysOnly: boolean;
}

/** One request on its way to the operation it asks for. */
interface Passage {
  readonly service: Service;
  readonly account: Account;
  readonly request: HttpRequest;
  readonly requestId: string;
}

/** What is known of a request in the end, for the log of calls. */
interface Seen {
  operation: string;
  faults: readonly Fault[];
}

/** Every service of the local AWS behind one address: the signature's credential scope names the one that is meant. */
export class ControlPlane {
  readonly #parts: ControlPlaneParts;
  readonly #rates = new Rates();
  readonly #writers = new Writers();
  readonly #lags = new Map<string, ReadLag>();

  constructor(parts: ControlPlaneParts) {
    this.#parts = parts;
  }

  /** Answers one request, errors included; never rejects. */
  async handle(request: HttpRequest): Promise<Answer> {
    const requestId = randomUUID();
    const atMs = Date.now();
    const scope = scopeOf(request.headers.authorization ?? "");
    const service = SERVICES.get(scope?.service ?? "") ?? looksLike(request);
    const seen: Seen = { operation: `${request.method} ${request.path}`, faults: [] };
    let answer: Answer;
    try {
      answer = await this.#answer({ service, scope, request, requestId }, seen);
    } catch (error) {
      answer = service.wire.fail(this.#awsError(error, service, seen.operation), requestId);
    }
    const status = answer === DROP ? 0 : answer.status;
    const { operation, faults } = seen;
    this.#parts.calls.add({
      service: service.name,
      operation,
      status,
      atMs,
      durationMs: Date.now() - atMs,
      mutating: isMutating(operation),
      ...(faults.length > 0 && { fault: faults.map((fault) => `${fault.effect} ${fault.kind}`).join(", ") }),
    });
    this.#parts.log(`${service.name} ${operation} ${status === 0 ? "dropped" : status}`);
    return answer;
  }

  async #answer(
    { service, scope, request, requestId }: Omit<Passage, "account"> & { readonly scope: Scope | undefined },
    seen: Seen,
  ): Promise<Answer> {
    if (request.headers.authorization === undefined) throw missingToken(service.name);
    if (scope === undefined) throw incompleteSignature();
    if (scope.service !== service.name) throw notImplemented(`the service "${scope.service}"`);
    const refused = await authenticationError(request, service.name, this.#parts.knownKeysOnly);
    if (refused !== undefined) throw refused;
    checkRegion(scope.region, service.name);
    const account = this.#parts.regions.of(scope.region);
    const call = service.wire.read(request);
    seen.operation = call.operation;
    seen.faults = this.#parts.faults.next(service.name, call.operation);
    return this.#admit({ service, account, request, requestId }, call, seen.faults);
  }

  /** What stands before and after every operation: faults asked for, rates, other writers, latency. */
  async #admit(passage: Passage, call: Call, struck: readonly Fault[]): Promise<Answer> {
    const { service, account } = passage;
    const { timing } = account;
    const strike = (effect: Fault["effect"]) => this.#strike(passage, call, struck, effect);
    const before = await strike("before");
    if (before !== undefined) return before;
    if (timing.rates && !this.#rates.take(service.name, account.region, call.operation)) throw throttled(service.name);
    const write = this.#writers.begin(service.name, account.region, call);
    let answer: HttpResponse;
    try {
      if (timing.latencyMs > 0) await sleep(timing.latencyMs, undefined, { ref: false });
      answer = await this.#read(passage, call);
      // What was refused changed nothing, and keeps nobody waiting.
      write.end(answer.status < 300 ? timing.writeMs : 0);
    } finally {
      write.end(0);
    }
    // An answer on its way keeps nothing busy.
    return (await strike("after")) ?? answer;
  }

  /** The answer the faults make of the call; undefined when they make none. */
  async #strike(
    { service, requestId }: Passage,
    { operation }: Call,
    faults: readonly Fault[],
    effect: Fault["effect"],
  ): Promise<Answer | undefined> {
    for (const fault of faults) {
      if (fault.effect !== effect) continue;
      switch (fault.kind) {
        case "drop":
          return DROP;
        case "throttle":
          return service.wire.fail(throttled(service.name), requestId);
        case "error":
          return service.wire.fail(new AwsError(fault.code, fault.status, fault.message), requestId);
        case "hang":
          this.#parts.log(`${service.name} ${operation} hangs`);
          await this.#parts.faults.replaced();
          break;
        case "delay":
          await sleep(fault.ms, undefined, { ref: false });
      }
    }
    return undefined;
  }

  /** Runs the operation; one that reads may see the account as it was before the latest writes. */
  async #read(passage: Passage, call: Call): Promise<HttpResponse> {
    const { service, account } = passage;
    const { readLagMs } = account.timing;
    if (readLagMs === 0) return this.#run(passage, call);
    const lag = this.#lagOf(service.name, account.region);
    if (mayLag(call)) return this.#run({ ...passage, account: lag.view(account, readLagMs) }, call);
    const tookEffect = lag.before(account, call);
    const answer = await this.#run(passage, call);
    if (isMutating(call.operation) && answer.status < 300) tookEffect();
    return answer;
  }

  async #run({ service, account, request, requestId }: Passage, call: Call): Promise<HttpResponse> {
    try {
      const operation = service.operations.get(call.operation);
      if (operation === undefined) throw notImplemented(`the operation ${call.operation} of ${service.name}`);
      authorize(account, service, call, request);
      const context = { requestId, request, runtime: this.#parts.runtime };
      return service.wire.answer(call, await operation(account, call.input, context), requestId);
    } catch (error) {
      return service.wire.fail(this.#awsError(error, service, call.operation), requestId);
    }
  }

  #lagOf(service: string, region: string): ReadLag {
    const key = service === "iam" ? service : `${region} ${service}`;
    const lag = this.#lags.get(key) ?? new ReadLag(service);
    this.#lags.set(key, lag);
    return lag;
  }

  #awsError(error: unknown, service: Service, operation: string): AwsError {
    if (error instanceof AwsError) return error;
    const message = error instanceof Error ? error.message : String(error);
    this.#parts.log(`${service.name} ${operation} failed in the local AWS itself: ${message}`);
    return new AwsError("InternalFailure", 500, `The local AWS failed at ${operation}: ${message}`);
  }
}

/** Whose protocol to answer in when the signature does not say which service is meant. */
function looksLike(request: HttpRequest): Service {
  if (request.headers["x-amz-target"] !== undefined) return logs;
  if (request.path.startsWith("/v2/")) return apigateway;
  return request.path === "/" ? iam : lambda;
}
