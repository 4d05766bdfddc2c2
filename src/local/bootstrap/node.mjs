// Runs one Node.js handler in its own process, fed by the Lambda Runtime API. Started by the local AWS.
// What it throws, and how it words it, follows AWS's runtime interface client for Node.js.
import { format } from "node:util";
import { describe, logText, named } from "./errors.mjs";
import { findHandler } from "./handler.mjs";
import { invoke } from "./invoke.mjs";
import { awslambda, isStreaming, ResponseStream } from "./response-stream.mjs";
import { RuntimeClient } from "./runtime-client.mjs";

const client = new RuntimeClient(process.env.AWS_LAMBDA_RUNTIME_API);
const nodeMajor = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? "")?.[1] ?? 0);
globalThis.awslambda = awslambda;

let requestId;
let reportCrash = (error) => post("init/error", error);

// The other end of stdin belongs to the local AWS: when it closes, nobody is left to work for.
process.stdin.on("close", () => process.exit(1));
process.stdin.on("error", () => process.exit(1));
process.stdin.resume();
process.stdin.unref?.();

// The layout of AWS's log lines: time, request id, level and message between tabs. A message of many lines is one event: the
// local AWS makes line breaks of this character again (function-process.ts).
const log = (level, args) => {
  const message = format(...args).replaceAll("\n", "\x1f");
  process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${message}\n`);
};
for (const [method, level] of Object.entries({
  log: "INFO",
  info: "INFO",
  debug: "DEBUG",
  trace: "TRACE",
  warn: "WARN",
  error: "ERROR",
})) {
  console[method] = (...args) => log(level, args);
}

process.on("uncaughtException", (error) => crash("Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason) => {
  const error = named("Runtime.UnhandledPromiseRejection", String(reason), reason);
  crash("Unhandled Promise Rejection", error, 128);
});

await serve(await load());

async function load() {
  try {
    return await findHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER, nodeMajor);
  } catch (error) {
    await crash("Uncaught Exception", error, 1);
  }
}

async function serve(handler) {
  const run = isStreaming(handler) ? stream : answer;
  for (let invocation = await client.next(); ; ) {
    const { headers, body } = invocation;
    requestId = headers["lambda-runtime-aws-request-id"];
    process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
    const next = await run(handler, body, contextOf(headers), `invocation/${requestId}/`);
    // Nobody waits any more for what goes wrong from here on.
    reportCrash = async () => {};
    invocation = await next();
  }
}

/** Runs a request; returns what answers it and waits for the next one. */
async function answer(handler, event, context, path) {
  reportCrash = (error) => post(`${path}error`, error);
  let kind = "response";
  let body;
  try {
    body = stringify(await invoke(handler, JSON.parse(event), context, nodeMajor));
  } catch (error) {
    log("ERROR", ["Invoke Error", logText(error)]);
    kind = "error";
    body = JSON.stringify(describe(error));
  }
  await flush();
  return () => client.answer(path + kind, body);
}

/** As answer(), for a handler that streams: its answer is written meanwhile. */
async function stream(handler, event, context, path) {
  const response = new ResponseStream(client, `${path}response`, handler);
  reportCrash = async (error) => {
    await flush();
    await response.fail(error);
  };
  const closed = new Promise((done) => response.once("close", done));
  try {
    const result = handler(JSON.parse(event), response, context);
    if (typeof result?.then !== "function") {
      throw "Streaming does not support non-async handlers.";
    }
    await result;
  } catch (error) {
    log("ERROR", ["Invoke Error", logText(error)]);
    await response.fail(error);
  }
  // As on AWS: one that is never ended keeps the request open until its time is up.
  await closed;
  await flush();
  return () => client.next();
}

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: requestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function stringify(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch (error) {
    throw named("Runtime.MarshalError", "Unable to stringify response body", error);
  }
}

async function crash(title, error, status) {
  log("ERROR", [title, logText(error)]);
  await reportCrash(error);
  process.exit(status);
}

async function post(path, error) {
  await flush();
  await client.post(path, JSON.stringify(describe(error)));
}

// The log of a request has to be on its way before its answer is. Mostly it is: small writes to a pipe are done at once.
async function flush() {
  for (const output of [process.stdout, process.stderr]) {
    if (output.writableLength > 0) {
      await new Promise((done) => output.write("", done));
    }
  }
}
