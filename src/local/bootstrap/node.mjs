// Runs one Node.js handler in its own process, fed by the Lambda Runtime API. Started by the local AWS.
// What it throws, and how it words it, follows AWS's runtime interface client for Node.js.
import { statSync } from "node:fs";
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { format, types } from "node:util";

const api = new URL(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/`);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const nodeMajor = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? "")?.[1] ?? 0);

let requestId;
let reportCrash = (error) => post("init/error", describe(error));

// The other end of stdin belongs to the local AWS: when it closes, nobody is left to work for.
process.stdin.on("close", () => process.exit(1));
process.stdin.on("error", () => process.exit(1));
process.stdin.resume();
process.stdin.unref?.();

// The layout of AWS's log lines: time, request id, level and message between tabs.
const log = (level, args) =>
  process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${format(...args)}\n`);
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

async function serve(handler) {
  for (;;) {
    const next = await call("GET", "invocation/next");
    requestId = next.headers["lambda-runtime-aws-request-id"];
    process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"];
    const current = requestId;
    reportCrash = (error) => post(`invocation/${current}/error`, describe(error));
    let path = `invocation/${current}/response`;
    let body;
    try {
      const result = await invoke(handler, JSON.parse(next.body), contextOf(next.headers));
      body = stringify(result);
    } catch (error) {
      const failure = describe(error);
      log("ERROR", ["Invoke Error", JSON.stringify(failure)]);
      path = `invocation/${current}/error`;
      body = JSON.stringify(failure);
    }
    await flush();
    await call("POST", path, body);
  }
}

function invoke(handler, event, context) {
  return new Promise((resolveResult, reject) => {
    const callback = (error, value) => {
      const settle = () => (error === undefined || error === null ? resolveResult(value) : reject(error));
      if (context.callbackWaitsForEmptyEventLoop) {
        process.once("beforeExit", settle);
      } else {
        settle();
      }
    };
    const result = handler(event, context, callback);
    if (typeof result?.then === "function") {
      result.then(resolveResult, reject);
    } else if (nodeMajor >= 24) {
      resolveResult(result);
    } else {
      // Neither a promise nor a callback by the time nothing is left to do: the answer is null.
      process.once("beforeExit", () => resolveResult(null));
    }
  });
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

async function load() {
  try {
    return await findHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  } catch (error) {
    await crash("Uncaught Exception", error, 1);
  }
}

async function findHandler(root, name) {
  if (name.includes("..")) {
    throw named("Runtime.MalformedHandlerName", `'..' is not a valid handler name: ${name}`);
  }
  const file = basename(name);
  const [, stem, exported] = /^([^.]*)\.(.+)$/.exec(file) ?? [];
  if (stem === undefined) {
    throw named("Runtime.MalformedHandlerName", `Bad handler: ${name}`);
  }
  const module = await importModule(locate(root, join(name.slice(0, -file.length), stem)));
  const handler = dig(module, exported) ?? dig(module.default, exported);
  if (handler === undefined) {
    throw named("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw named("Runtime.HandlerNotFound", `${name} is not a function`);
  }
  if (nodeMajor >= 24 && handler.length >= 3) {
    const message = `${name} takes a callback, which nodejs24.x and later do not support: make it async`;
    throw named("Runtime.CallbackHandlerDeprecated", message);
  }
  return handler;
}

function locate(root, path) {
  const found = [".js", ".mjs", ".cjs"].map((ending) => resolve(root, path + ending)).find(isFile);
  if (found !== undefined) {
    return found;
  }
  try {
    return createRequire(join(root, "index.js")).resolve(`./${path}`);
  } catch (error) {
    throw named("Runtime.ImportModuleError", String(error), error);
  }
}

async function importModule(path) {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw named("Runtime.UserCodeSyntaxError", String(error), error);
    }
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") {
      throw named("Runtime.ImportModuleError", String(error), error);
    }
    throw error;
  }
}

function dig(value, path) {
  return path.split(".").reduce((inner, key) => inner?.[key], value);
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function named(name, message, cause) {
  const error = new Error(message, { cause });
  error.name = name;
  return error;
}

function stringify(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch (error) {
    throw named("Runtime.MarshalError", "Unable to stringify response body", error);
  }
}

function describe(error) {
  if (types.isNativeError(error) || error instanceof Error) {
    return { errorType: error.name, errorMessage: error.message, trace: String(error.stack ?? "").split("\n") };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

async function crash(title, error, status) {
  log("ERROR", [title, JSON.stringify(describe(error))]);
  await reportCrash(error);
  process.exit(status);
}

async function post(path, failure) {
  await flush();
  await call("POST", path, JSON.stringify(failure));
}

// The log of a request has to be on its way before its answer is.
async function flush() {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise((done) => stream.write("", done));
  }
}

function call(method, path, body) {
  return new Promise((resolveAnswer) => {
    const gone = () => process.exit(1);
    const headers =
      body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const outgoing = request(new URL(path, api), { method, agent, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", gone);
      response.on("end", () => resolveAnswer({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    outgoing.on("error", gone);
    outgoing.end(body);
  });
}
