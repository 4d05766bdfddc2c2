import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import type { FunctionVersion } from "../../src/local/function-version.ts";
import { FunctionRuntime } from "../../src/local/runtime/function-runtime.ts";
import { isInstalled } from "../support/is-installed.ts";
import { functionOf, invoke } from "./function-fixture.ts";

const runtime = new FunctionRuntime({ onLog: () => {} });
afterAll(() => runtime.close());

function python(files: Record<string, string>, changes: Partial<FunctionVersion> = {}): FunctionVersion {
  return functionOf(files, { runtime: "python3.13", handler: "app.handler", ...changes });
}

describe.skipIf(!isInstalled("python3"))("Python handlers", () => {
  it("runs a handler with the context Lambda gives", async () => {
    const fn = python(
      {
        "app.py": `import os, sys
def handler(event, context):
    print("hello", file=sys.stderr)
    context.log("by the context")
    return {"got": event["a"], "id": context.aws_request_id, "name": context.function_name,
            "memory": context.memory_limit_in_mb, "arn": context.invoked_function_arn, "umlaut": "ü",
            "identity": [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id],
            "left": context.get_remaining_time_in_millis(), "env": os.environ["GREETING"], "home": os.environ.get("HOME")}
`,
      },
      { environment: { GREETING: "hi" } },
    );
    const { value, requestId, logTail } = await invoke(runtime, fn, { a: [1, "ü"] });
    expect(value).toEqual({
      got: [1, "ü"],
      id: requestId,
      name: "demo-prod",
      memory: "128",
      arn: fn.functionArn,
      umlaut: "ü",
      left: expect.toSatisfy((left: number) => left > 0 && left <= 30_000),
      env: "hi",
      home: null,
      identity: [null, null],
    });
    expect(logTail).toContain("\nhello\n");
    expect(logTail).toContain("\nby the context\n");
  });

  it.each(["pkg/mod.run", "pkg.mod.run"])("finds the handler %s and imports beside it", async (handler) => {
    const files = {
      "pkg/__init__.py": "",
      "pkg/mod.py": "import helper\ndef run(event, context):\n    return helper.VALUE\n",
      "helper.py": "VALUE = 'found'\n",
    };
    expect((await invoke(runtime, python(files, { handler }))).value).toBe("found");
  });

  it("keeps the module between requests", async () => {
    const fn = python({ "app.py": "n = 0\ndef handler(e, c):\n    global n\n    n += 1\n    return n\n" });
    expect((await invoke(runtime, fn)).value).toBe(1);
    expect((await invoke(runtime, fn)).value).toBe(2);
  });

  it("reports an exception with its stack and serves the next request", async () => {
    const fn = python({
      "app.py": "def handler(e, c):\n    if e['bad']:\n        raise KeyError('lost')\n    return 'fine'\n",
    });
    const { value, functionError, requestId, logTail } = await invoke(runtime, fn, { bad: true });
    expect(functionError).toBe("Unhandled");
    // One event of several lines.
    expect(logTail).toMatch(
      /\n\[ERROR\] KeyError: 'lost'\nTraceback \(most recent call last\):\n\u00a0{2}File .*\n\u00a0{4}.*\nEND /,
    );
    expect(value).toEqual({
      errorMessage: "'lost'",
      errorType: "KeyError",
      requestId,
      stackTrace: [expect.stringContaining("raise KeyError('lost')")],
    });
    expect((await invoke(runtime, fn, { bad: false })).value).toBe("fine");
  });

  it.each([
    ["a missing module", { "other.py": "" }, "app.handler", "Runtime.ImportModuleError", "No module named 'app'"],
    ["a missing function", { "app.py": "" }, "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing"],
    ["a syntax error", { "app.py": "def (" }, "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module"],
    ["a bad handler name", { "app.py": "" }, "app", "Runtime.MalformedHandlerName", "Bad handler"],
    ["an error while loading", { "app.py": "1 / 0" }, "app.handler", "ZeroDivisionError", "division by zero"],
  ])("reports %s while loading", async (_what, files, handler, errorType, message) => {
    const { value, functionError } = await invoke(runtime, python(files, { handler }));
    expect(functionError).toBe("Unhandled");
    expect(value).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
  });

  it("reports an answer that is not JSON", async () => {
    const fn = python({ "app.py": "def handler(e, c):\n    return object()\n" });
    expect((await invoke(runtime, fn)).value).toMatchObject({
      errorType: "Runtime.MarshalError",
      errorMessage: expect.stringContaining("Object of type object is not JSON serializable"),
    });
  });

  it("answers a Decimal with its own digits and a namedtuple as an object", async () => {
    const fn = python({
      "app.py": `from collections import namedtuple
from decimal import Decimal
Point = namedtuple("Point", "x y")
def handler(e, c):
    return {"a": Decimal("5"), "b": [Decimal("12345678901234567890.50")], "c": Point(1, [Point(Decimal("1E+3"), ())])}
`,
    });
    const { payload } = await runtime.invoke(fn, Buffer.from("{}"), randomUUID());
    expect(payload.toString()).toBe(
      '{"a": 5, "b": [12345678901234567890.50], "c": {"x": 1, "y": [{"x": 1E+3, "y": []}]}}',
    );
  });

  it("reports the status of a handler that exits", async () => {
    const fn = python({ "app.py": "import sys\ndef handler(e, c):\n    sys.exit(3)\n" });
    expect((await invoke(runtime, fn)).value).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringContaining("exit status 3"),
    });
  });

  it("kills a busy loop at the timeout", async () => {
    const fn = python({ "app.py": "def handler(e, c):\n    while True: pass\n" }, { timeoutSeconds: 1 });
    expect((await invoke(runtime, fn)).value).toMatchObject({ errorType: "Sandbox.Timedout" });
  });

  it("writes logging records in AWS's layout", async () => {
    const fn = python({ "app.py": "import logging\ndef handler(e, c):\n    logging.warning('be\\ncareful')\n" });
    const { logTail, requestId } = await invoke(runtime, fn);
    expect(logTail).toMatch(new RegExp(`\\[WARNING\\]\\t\\S+Z\\t${requestId}\\tbe\\ncareful\\n`));
  });
});

it("says so when python3 is not on the PATH", async () => {
  const path = process.env.PATH ?? "";
  process.env.PATH = "";
  try {
    expect(await invoke(runtime, python({ "app.py": "" }))).toMatchObject({
      functionError: "Unhandled",
      value: { errorMessage: "runtime python3.13 cannot run on the local AWS: python3 was not found on the PATH" },
    });
  } finally {
    process.env.PATH = path;
  }
});
