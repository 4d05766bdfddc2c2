import { member } from "../json.ts";
import { type Answer, isGatewayNotFound, LOG_HINT } from "./invoke-answer.ts";

/** Seconds from which API Gateway, and not the function's own timeout, ends an answer [gateway 4]. */
const GATEWAY_SECONDS = 29;

/** What gets longer answers than one over HTTP had the time for. */
export function longerThanHttp(timeoutSeconds: number): string {
  return timeoutSeconds > GATEWAY_SECONDS ? "llm-gw invoke --via lambda" : longerThan(timeoutSeconds);
}

/** What gets longer answers than the function's timeout allows. */
export function longerThan(timeoutSeconds: number): string {
  return `give the function more than its ${timeoutSeconds} s, with --timeout or "timeout" in llm-gw.json`;
}

/**
 * What to do about an answer that is an error. Who made it decides: the status alone does not tell the built-in function's
 * errors from API Gateway's.
 * @param longer what gets longer answers
 */
export function hintFor({ status, text, json }: Answer, longer: string): string {
  if (status === 404 && isGatewayNotFound(text)) return "The route is not published. Run: llm-gw status";
  const code = member(member(json, "error"), "code");
  const byCode = BY_CODE.get(code);
  if (byCode !== undefined) return byCode(longer);
  const byStatus = isOfGateway(json) ? BY_GATEWAY_STATUS[status] : undefined;
  if (byStatus !== undefined) return byStatus(longer);
  return status < 500 ? "The function answered so: check the prompt and the model." : LOG_HINT;
}

/** `{"message": "..."}` and nothing else [aws 5.9]. */
function isOfGateway(json: unknown): boolean {
  return typeof member(json, "message") === "string" && Object.keys(Object(json)).length === 1;
}

type Hint = (longer: string) => string;

/** By the codes of the built-in function's errors. */
const BY_CODE: ReadonlyMap<unknown, Hint> = new Map<unknown, Hint>([
  ["model_not_found", () => 'The models are those of "models" in llm-gw.json when it was deployed.'],
  ["rate_limit_exceeded", () => "The model's upstream limits requests, not the gateway: try again in a while."],
  ["deadline_exceeded", (longer) => `The model took longer than there was time. For longer answers: ${longer}`],
]);

/** By the statuses of API Gateway's own errors. */
const BY_GATEWAY_STATUS: Readonly<Record<number, Hint>> = {
  401: () => "The route does not accept who you are.",
  403: () => "Your AWS identity needs execute-api:Invoke on this API; a new one may need a minute.",
  429: () => "Too many requests for the configured throttle; try again in a second.",
  500: () =>
    'The function failed, did not start, or answered what is no HTTP answer. Called directly, it tells which: llm-gw invoke --via lambda --prompt "..."; its log: llm-gw logs',
  503: (longer) => `API Gateway waits 30 s at most. For longer answers: ${longer}`,
  504: (longer) => `API Gateway waits 30 s at most. For longer answers: ${longer}`,
};
