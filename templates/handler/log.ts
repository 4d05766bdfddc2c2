import type { Environment } from "./backends/backend.ts";
import type { FinishReason } from "./completion.ts";

/** What is known of one request when it ends. It never holds text of a prompt, a completion or an upstream's message. */
export interface RequestRecord {
  readonly requestId: string;
  /** Milliseconds since the epoch, as are the other times. */
  readonly startedAt: number;
  readonly coldStart: boolean;
  /** Only one that there is: another path may be any text of the caller's. */
  route?: string;
  alias?: string;
  /** The backend of the last attempt. */
  backend?: string;
  upstreamModel?: string | undefined;
  maxTokens?: number;
  attempts?: number;
  firstTokenAt?: number | undefined;
  promptTokens?: number | undefined;
  completionTokens?: number | undefined;
  finishReason?: FinishReason;
  /** Whether the answer is what there was at the deadline. */
  isTruncated?: boolean;
  upstreamRequestId?: string | undefined;
  status?: number;
  /** The error's code, for an answer that is one. */
  error?: string;
  /** What the last failure came from: an upstream's status, an errno, a name. An answer may have followed it. */
  reason?: string | undefined;
  endedAt?: number;
}

const NAMESPACE = "llm-gw";
/** Characters of an upstream's id: it is theirs, and may be of any length. */
const ID_LIMIT = 128;

/** Metrics that CloudWatch makes of the line's fields, each by gateway and alias: every one of them costs. */
const METRICS: Readonly<Record<string, "Count" | "Milliseconds">> = {
  "gen_ai.usage.input_tokens": "Count",
  "gen_ai.usage.output_tokens": "Count",
  "llm_gw.time_to_first_token": "Milliseconds",
  "llm_gw.duration": "Milliseconds",
  "llm_gw.faults": "Count",
};

/**
 * Writes one JSON line a request, under the names of OpenTelemetry's conventions where it has some. Of a request for a
 * model CloudWatch makes metrics, because the line is in its embedded metric format
 * [CloudWatch user guide: embedded metric format specification].
 */
export function createLog(env: Environment, write: (line: string) => void): (record: RequestRecord) => void {
  const functionName = env.AWS_LAMBDA_FUNCTION_NAME ?? NAMESPACE;
  return (record) => {
    const fields = fieldsOf(record, functionName);
    const metrics = record.alias === undefined ? {} : { _aws: metricsOf(record, fields) };
    write(`${JSON.stringify({ ...metrics, ...fields })}\n`);
  };
}

function fieldsOf(record: RequestRecord, functionName: string): Readonly<Record<string, unknown>> {
  const { startedAt, firstTokenAt, endedAt, backend, finishReason, status } = record;
  const [method, path] = record.route?.split(" ", 2) ?? [];
  return {
    "faas.name": functionName,
    "faas.invocation_id": record.requestId,
    "faas.coldstart": record.coldStart,
    "http.request.method": method,
    "http.route": path,
    "http.response.status_code": status,
    "error.type": record.error,
    "gen_ai.operation.name": record.alias && "chat",
    "gen_ai.provider.name": backend === "bedrock" ? "aws.bedrock" : backend,
    "gen_ai.request.model": record.upstreamModel,
    "gen_ai.request.max_tokens": record.maxTokens,
    "gen_ai.response.finish_reasons": finishReason && [finishReason],
    "gen_ai.usage.input_tokens": record.promptTokens,
    "gen_ai.usage.output_tokens": record.completionTokens,
    "llm_gw.alias": record.alias,
    "llm_gw.attempts": record.attempts,
    "llm_gw.truncated": record.isTruncated,
    "llm_gw.upstream_request_id": record.upstreamRequestId?.slice(0, ID_LIMIT),
    "llm_gw.reason": record.reason,
    "llm_gw.time_to_first_token": firstTokenAt && firstTokenAt - startedAt,
    "llm_gw.duration": endedAt && endedAt - startedAt,
    "llm_gw.faults": status !== undefined && status >= 500 ? 1 : 0,
  };
}

function metricsOf({ startedAt }: RequestRecord, fields: Readonly<Record<string, unknown>>): object {
  // A metric without its field would make the whole line invalid.
  const known = Object.entries(METRICS).filter(([name]) => fields[name] !== undefined);
  return {
    Timestamp: startedAt,
    CloudWatchMetrics: [
      {
        Namespace: NAMESPACE,
        Dimensions: [["faas.name", "llm_gw.alias"]],
        Metrics: known.map(([Name, Unit]) => ({ Name, Unit })),
      },
    ],
  };
}
