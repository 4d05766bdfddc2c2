import { checkAnswer } from "./check-answer.ts";
import { checkRequest } from "./check-request.ts";
import { type Exchange, type Finding, signedFor } from "./exchange.ts";
import type { Model } from "./model.ts";
import { findOperation } from "./operations.ts";

/** What was checked, and every breach of the model; undefined for what no service of ours is asked. */
export interface Checked {
  /** `service Operation`. */
  readonly operation: string;
  readonly findings: readonly Finding[];
}

/** Checks one exchange against AWS's models: a request of a client that knows them, and the answer of the local AWS. */
export function checkExchange(models: ReadonlyMap<string, Model>, { sent, answer }: Exchange): Checked | undefined {
  const service = signedFor(sent) ?? "";
  const model = models.get(service);
  if (model === undefined) return undefined;
  const found = findOperation(model, sent);
  if (found === undefined) {
    const operation = `${service} ${sent.method} ${sent.url}`;
    return { operation, findings: [{ where: operation, member: "", what: "is no operation of the model" }] };
  }
  const operation = `${service} ${found.operation.name}`;
  const findings: Finding[] = [];
  const into = (part: string) => (member: string, what: string) =>
    void findings.push({ where: `${operation} ${part}`, member, what });
  checkRequest(model, found, sent, into("request"));
  if (answer !== undefined) checkAnswer(model, found.operation, answer, into("answer"));
  return { operation, findings };
}
