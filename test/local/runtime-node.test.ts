import { afterAll, describe, expect, it } from "vitest";
import { FunctionRuntime } from "../../src/local/runtime/function-runtime.ts";
import { functionOf, invoke } from "./function-fixture.ts";

const runtime = new FunctionRuntime({ onLog: () => {} });
afterAll(() => runtime.close());

describe("Node.js handlers", () => {
  it("runs CommonJS", async () => {
    const fn = functionOf({ "index.js": "exports.handler = async (event) => ({ got: event.a });" });
    expect(await invoke(runtime, fn, { a: 1 })).toMatchObject({ value: { got: 1 }, functionError: undefined });
  });

  it("runs ESM with top-level await, from .mjs and from a package of type module", async () => {
    const code = "const base = await Promise.resolve(40); export const handler = async (e) => base + e.n;";
    const mjs = functionOf({ "index.mjs": code });
    const typed = functionOf({ "index.js": code, "package.json": '{"type":"module"}' }, { functionName: "typed" });
    expect((await invoke(runtime, mjs, { n: 1 })).value).toBe(41);
    expect((await invoke(runtime, typed, { n: 2 })).value).toBe(42);
  });

  const flag = "--no-experimental-require-module";
  const isUnknown = !process.allowedNodeEnvironmentFlags.has(flag);
  describe.skipIf(isUnknown)(
    `without what Lambda turns off${isUnknown ? ` (this Node.js knows no ${flag})` : ""}`,
    () => {
      const undeclared = { "index.js": "export const handler = async () => 1;" };
      const requiring = {
        "index.js": "exports.handler = require('./m.mjs').handler;",
        "m.mjs": undeclared["index.js"],
      };
      const syntaxError = { errorType: "Runtime.UserCodeSyntaxError" };
      const requireError = { errorType: "Error", errorMessage: expect.stringContaining("require() of ES Module") };

      it.each([
        ["nodejs24.x", undeclared, undefined, 1],
        ["nodejs22.x", undeclared, undefined, syntaxError],
        ["nodejs22.x", undeclared, "--enable-source-maps --experimental-detect-module", 1],
        ["nodejs22.x", requiring, undefined, requireError],
        ["nodejs22.x", requiring, "--experimental-require-module", 1],
        ["nodejs20.x", undeclared, undefined, 1],
        ["nodejs20.x", requiring, undefined, requireError],
      ])("%s loads %j with NODE_OPTIONS %s", async (runtime_, files, NODE_OPTIONS, expected) => {
        const environment = NODE_OPTIONS === undefined ? {} : { NODE_OPTIONS };
        const { value } = await invoke(runtime, functionOf(files, { runtime: runtime_, environment }));
        expect(value).toEqual(typeof expected === "number" ? expected : expect.objectContaining(expected));
      });
    },
  );

  it("finds a handler in a folder and inside an exported object", async () => {
    const files = { "src/app.js": "exports.api = { run: async () => 'nested' };" };
    expect((await invoke(runtime, functionOf(files, { handler: "src/app.api.run" }))).value).toBe("nested");
  });

  it("serves callback handlers, waiting for the event loop unless told not to", async () => {
    const waits = functionOf({
      "index.js": `let late = "no"; exports.handler = (event, context, callback) => {
        context.callbackWaitsForEmptyEventLoop = event.wait;
        setTimeout(() => { late = "yes"; }, 50);
        callback(null, { get late() { return late; } });
      };`,
    });
    expect((await invoke(runtime, waits, { wait: false })).value).toEqual({ late: "no" });
    expect((await invoke(runtime, waits, { wait: true })).value).toEqual({ late: "yes" });
    const fails = functionOf({ "index.js": "exports.handler = (e, c, cb) => cb(new TypeError('no'));" });
    expect(await invoke(runtime, fails)).toMatchObject({
      functionError: "Unhandled",
      value: { errorType: "TypeError", errorMessage: "no" },
    });
  });

  const failed = (errorMessage: string) => expect.objectContaining({ errorMessage });
  it.each([
    ["cb(new Error('first')); cb(null, 'second');", failed("first")],
    ["cb(null, 'first'); cb(new Error('second'));", "first"],
    ["cb(null, 'first'); cb(null, 'second');", "first"],
    ["cb(null, 'first'); throw new Error('second');", "first"],
    ["cb(null, 'first'); return Promise.resolve('second');", "first"],
    ["setTimeout(() => cb(null, 'second'), 50); return Promise.resolve('first');", "first"],
    ["setInterval(() => {}, 1000); cb(new Error('no'));", failed("no")],
    ["setInterval(() => {}, 1000); context.succeed('yes');", "yes"],
    ["setInterval(() => {}, 1000); context.done(null, 'yes');", "yes"],
    ["context.done(new Error('no')); cb(null, 'second');", failed("no")],
    ["cb(null, 'first'); context.fail(new Error('second'));", "first"],
    ["context.fail(); return Promise.resolve('second');", failed("handled")],
  ])("takes the first end of a request for its end, and an error at once: %s", async (code, expected) => {
    const fn = functionOf({ "index.js": `exports.handler = (event, context, cb) => { ${code} };` });
    expect((await invoke(runtime, fn)).value).toEqual(expected);
  });

  it("refuses callback handlers on nodejs24.x", async () => {
    const fn = functionOf({ "index.js": "exports.handler = (e, c, cb) => cb(null, 1);" }, { runtime: "nodejs24.x" });
    expect(await invoke(runtime, fn)).toMatchObject({
      functionError: "Unhandled",
      value: { errorType: "Runtime.CallbackHandlerDeprecated" },
    });
  });

  it("answers null for undefined", async () => {
    expect((await invoke(runtime, functionOf({ "index.js": "exports.handler = async () => {};" }))).value).toBeNull();
  });

  it("gives the context Lambda gives", async () => {
    const code = `exports.handler = async (e, c) => ({
      ...c,
      left: c.getRemainingTimeInMillis(),
      old: Object.keys(c).filter((name) => ["done", "succeed", "fail"].includes(name)),
    });`;
    const fn = functionOf({ "index.js": code });
    const { value, requestId } = await invoke(runtime, fn);
    expect(value).toHaveProperty("old", ["done", "succeed", "fail"]);
    const newer = await invoke(runtime, functionOf({ "index.js": code }, { runtime: "nodejs24.x" }));
    expect(newer.value).toHaveProperty("old", []);
    expect(value).toMatchObject({
      awsRequestId: requestId,
      functionName: "demo-prod",
      functionVersion: "$LATEST",
      memoryLimitInMB: "128",
      invokedFunctionArn: fn.functionArn,
      logGroupName: fn.logGroup,
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      callbackWaitsForEmptyEventLoop: true,
      left: expect.toSatisfy((left: number) => left > 0 && left <= 30_000),
    });
  });

  it("sees its own environment and Lambda's, not the host's", async () => {
    process.env.LLM_GW_TEST_HOST_SECRET = "do not leak";
    const fn = functionOf(
      { "index.js": "exports.handler = async () => process.env;" },
      { environment: { GREETING: "hello", AWS_REGION: "not-allowed" } },
    );
    const { value } = await invoke(runtime, fn);
    delete process.env.LLM_GW_TEST_HOST_SECRET;
    expect(value).toMatchObject({
      GREETING: "hello",
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_LAMBDA_FUNCTION_NAME: "demo-prod",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
      AWS_LAMBDA_LOG_GROUP_NAME: fn.logGroup,
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
      AWS_ACCESS_KEY_ID: expect.any(String),
      AWS_SECRET_ACCESS_KEY: expect.any(String),
      AWS_SESSION_TOKEN: expect.any(String),
      LAMBDA_TASK_ROOT: expect.any(String),
      TZ: ":UTC",
      _HANDLER: "index.handler",
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-/),
    });
    expect(value).not.toHaveProperty("LLM_GW_TEST_HOST_SECRET");
    expect(value).not.toHaveProperty("HOME");
  });
});

describe("errors of Node.js handlers", () => {
  it("reports what a handler throws, with its stack", async () => {
    const fn = functionOf({
      "index.js": "exports.handler = async () => { throw Object.assign(new RangeError('too far'), { code: 'FAR' }); };",
    });
    const { value, functionError, logTail } = await invoke(runtime, fn);
    expect(functionError).toBe("Unhandled");
    expect(value).toEqual({
      errorType: "RangeError",
      errorMessage: "too far",
      trace: expect.arrayContaining(["RangeError: too far", expect.stringContaining("index.js")]),
    });
    const [, logged = ""] = /\tERROR\tInvoke Error \t(.*)\n/.exec(logTail) ?? [];
    expect(JSON.parse(logged)).toEqual({
      ...{ errorType: "RangeError", errorMessage: "too far", code: "FAR" },
      stack: expect.arrayContaining(["RangeError: too far", expect.stringContaining("index.js")]),
    });
  });

  it.each([
    ["a missing module", { "other.js": "" }, "index.handler", "Runtime.ImportModuleError", "Cannot find module"],
    ["a missing dependency", { "index.js": "require('nope')" }, "index.handler", "Runtime.ImportModuleError", "nope"],
    ["a missing export", { "index.js": "exports.x = 1" }, "index.handler", "Runtime.HandlerNotFound", "index.handler"],
    ["a syntax error", { "index.js": "exports.handler = (" }, "index.handler", "Runtime.UserCodeSyntaxError", "Synt"],
    ["a bad handler name", { "index.js": "" }, "index", "Runtime.MalformedHandlerName", "Bad handler"],
    ["a handler outside", { "index.js": "" }, "../index.handler", "Runtime.MalformedHandlerName", ".."],
    ["an error while loading", { "index.js": "throw new Error('boot')" }, "index.handler", "Error", "boot"],
  ])("reports %s while loading", async (_what, files, handler, errorType, message) => {
    const { value, functionError } = await invoke(runtime, functionOf(files, { handler }));
    expect(functionError).toBe("Unhandled");
    expect(value).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
  });

  it("reports an answer that is not JSON", async () => {
    const fn = functionOf({ "index.js": "exports.handler = async () => { const a = {}; a.a = a; return a; };" });
    expect(await invoke(runtime, fn)).toMatchObject({
      functionError: "Unhandled",
      value: { errorType: "Runtime.MarshalError" },
    });
  });

  it("reports a promise that is never settled when nothing is left to wait for", async () => {
    const fn = functionOf({ "index.js": "exports.handler = async () => { await new Promise(() => {}); };" });
    expect(await invoke(runtime, fn)).toMatchObject({
      functionError: "Unhandled",
      value: { errorType: "Runtime.NodeJsExit" },
    });
    const sync = functionOf({ "index.js": "exports.handler = () => {};" });
    expect((await invoke(runtime, sync)).value).toBeNull();
  });

  it("reports a rejection nobody handles, and the next request gets a new process", async () => {
    const fn = functionOf({
      "index.js": `exports.handler = async (event) => {
        if (event.bad) { Promise.reject(new Error("lost")); await new Promise(() => setTimeout(() => {}, 60000)); }
        return "fine";
      };`,
    });
    expect(await invoke(runtime, fn, { bad: true })).toMatchObject({
      functionError: "Unhandled",
      value: { errorType: "Runtime.UnhandledPromiseRejection", errorMessage: "Error: lost" },
    });
    expect((await invoke(runtime, fn)).value).toBe("fine");
  });
});
