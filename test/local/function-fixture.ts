import { randomUUID } from "node:crypto";
import { strToU8, zipSync } from "fflate";
import type { FunctionVersion } from "../../src/local/function-version.ts";
import type { FunctionRuntime } from "../../src/local/runtime/function-runtime.ts";

export function zipOf(files: Record<string, string>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
}

/** A function made of the given files; Node.js and `index.handler` unless said otherwise. */
export function functionOf(files: Record<string, string>, changes: Partial<FunctionVersion> = {}): FunctionVersion {
  const name = changes.functionName ?? "demo-prod";
  return {
    functionName: name,
    functionArn: `arn:aws:lambda:eu-west-1:000000000000:function:${name}`,
    version: "$LATEST",
    runtime: "nodejs22.x",
    handler: "index.handler",
    zip: zipOf(files),
    environment: {},
    timeoutSeconds: 30,
    memoryMb: 128,
    logGroup: `/aws/lambda/${name}`,
    region: "eu-west-1",
    endpointUrl: "http://127.0.0.1:9",
    roleArn: "arn:aws:iam::000000000000:role/fn",
    revisionId: randomUUID(),
    ...changes,
  };
}

export interface Invoked {
  readonly value: unknown;
  readonly functionError: string | undefined;
  readonly logTail: string;
  readonly requestId: string;
}

export async function invoke(runtime: FunctionRuntime, fn: FunctionVersion, event: unknown = {}): Promise<Invoked> {
  const requestId = randomUUID();
  const { payload, functionError, logTail } = await runtime.invoke(fn, Buffer.from(JSON.stringify(event)), requestId);
  const value: unknown = JSON.parse(payload.toString());
  return { value, functionError, logTail, requestId };
}
