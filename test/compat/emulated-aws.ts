import { setTimeout as sleep } from "node:timers/promises";
import { inject, TestRunner } from "vitest";
import type { AwsError } from "../../src/local/aws-error.ts";
import { CallLog } from "../../src/local/control-plane/call-log.ts";
import { type Fault, FaultPlan, faultList } from "../../src/local/control-plane/faults.ts";
import { throttled } from "../../src/local/control-plane/rates.ts";
import { isMutating } from "../../src/local/wire/service.ts";
import { type Answer, listen, reply, type Sent, sendOn } from "../support/relay.ts";
import { EMULATORS } from "./emulators.ts";
import { signedFor } from "./model/exchange.ts";
import { loadModels, type Model } from "./model/model.ts";
import { findOperation } from "./model/operations.ts";
import { emulatorUrl } from "./servers.ts";

/**
 * An empty account of an emulator that already runs, behind a proxy that gives tests what only the local AWS has: a log of
 * calls, and faults. The proxy also stands for DNS: it leads an API's endpoint to the emulator, or, where that serves no
 * URLs, to an answer that refuses everybody, as an API with AWS_IAM refuses who does not sign.
 */
export async function startEmulatedAws(name: string) {
  const emulator = EMULATORS[name];
  const target = await emulatorUrl(name);
  if (emulator === undefined) throw new Error(`there is no emulator ${name}`);
  const models = loadModels(inject("models"));
  const { account, headers } = await emulator.emptyAccount(target);
  const plan = new FaultPlan();
  const log = new CallLog();

  const proxy = await listen(async (sent, outgoing) => {
    if (sent.url.startsWith("/_aws/execute-api/")) {
      return reply(outgoing, emulator.servesUrls ? await sendOn(target, sent) : FORBIDDEN);
    }
    const service = signedFor(sent) ?? "";
    const operation = operationOf(models.get(service), sent);
    const struck = plan.next(service, operation);
    const atMs = Date.now();
    const answer = await disturbed(struck, service, plan, () =>
      sendOn(target, { ...sent, headers: { ...sent.headers, ...headers } }),
    );
    const status = answer?.status ?? 0;
    const durationMs = Date.now() - atMs;
    log.add({ service, operation, status, atMs, durationMs, mutating: isMutating(operation) });
    if (answer === undefined) outgoing.destroy();
    else reply(outgoing, service === "apigateway" ? withEndpoint(answer, proxy.url) : answer);
  });
  return {
    url: proxy.url,
    account,
    accessKeyId: "test",
    secretAccessKey: "test",
    close: proxy.close,
    async calls() {
      const calls = log.list();
      log.clear();
      return calls;
    },
    async faults(...list: unknown[]) {
      plan.set(faultList.parse(list));
    },
    async timing() {
      TestRunner.getCurrentTest()?.context.skip(`${name} cannot be told how slow to be`);
    },
  };
}

const FORBIDDEN: Answer = {
  status: 403,
  headers: { "content-type": "application/json" },
  body: Buffer.from('{"message":"Forbidden"}'),
};

function operationOf(model: Model | undefined, sent: Sent): string {
  const found = model && findOperation(model, sent);
  return found?.operation.name ?? `${sent.method} ${sent.url}`;
}

/** The answer, unless a fault strikes; undefined for a connection that breaks off. */
async function disturbed(
  faults: readonly Fault[],
  service: string,
  plan: FaultPlan,
  ask: () => Promise<Answer>,
): Promise<Answer | undefined> {
  let answer: Answer | undefined;
  for (const when of ["before", "after"]) {
    if (when === "after") answer = await ask();
    for (const fault of faults.filter(({ effect }) => effect === when)) {
      if (fault.kind === "drop") return undefined;
      if (fault.kind === "error") return refusal(service, fault);
      if (fault.kind === "throttle") return refusal(service, throttled(service));
      await (fault.kind === "hang" ? plan.replaced() : sleep(fault.ms));
    }
  }
  return answer;
}

/** An error as the service's protocol writes it. */
function refusal(service: string, { status, code, message }: Pick<AwsError, "status" | "code" | "message">): Answer {
  if (service !== "iam" && service !== "sts") {
    const body = Buffer.from(JSON.stringify({ __type: code, message }));
    return { status, headers: { "content-type": "application/json", "x-amzn-errortype": code }, body };
  }
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  const body = Buffer.from(`<ErrorResponse>${error}<RequestId>none</RequestId></ErrorResponse>`);
  return { status, headers: { "content-type": "text/xml" }, body };
}

function withEndpoint(answer: Answer, url: string): Answer {
  const body = answer.body
    .toString("utf8")
    .replace(/https?:\/\/(\w+)\.execute-api\.[^"/]+/g, `${url}/_aws/execute-api/$1`);
  return { ...answer, body: Buffer.from(body) };
}
