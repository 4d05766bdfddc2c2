import { expect, test } from "vitest";
import { logLine } from "../../src/commands/log-line.ts";
import { createLog, type RequestRecord } from "../../templates/handler/log.ts";

const AT = Date.UTC(2026, 0, 31, 9, 5, 7, 89);

test.each([
  [
    "a request in the access log",
    '{"requestId":"r=","ip":"192.0.2.1","caller":"-","method":"POST","routeKey":"POST /inference","status":403,"milliseconds":3,"bytes":23,"error":"Forbidden","reason":"-"}',
    "403 POST /inference 3 ms error: Forbidden r=",
  ],
  [
    "one for which there is no route",
    '{"requestId":"r=","caller":"-","method":"GET","routeKey":"-","status":404,"milliseconds":0,"error":"Not Found","reason":"-"}',
    "404 GET 0 ms error: Not Found r=",
  ],
  ["a record of yours that has a status", '{"status":200,"step":"fetch"}', '{"status":200,"step":"fetch"}'],
  ["another JSON object", '{ "level": "info",\n "_aws": {}, "message": "hi" }\n', '{"level":"info","message":"hi"}'],
  ["what only looks like JSON", "{not json", "{not json"],
  ["text, whose own indentation and lines stay", "  one\n  two\n", "  one\n  two"],
  ["lines that a runtime keeps together", "[ERROR] E: no\rTraceback:\r  File\r\n", "[ERROR] E: no\nTraceback:\n  File"],
  ["START", "START RequestId: 5f0c Version: $LATEST\n", "START 5f0c"],
  [
    "INIT_START",
    "INIT_START Runtime Version: nodejs:22.v1\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:7ad2",
    "INIT_START Runtime Version: nodejs:22.v1",
  ],
  [
    "console.log of Node",
    "2026-01-31T09:05:07.089Z\tadf6db2c-c6c1-4d77-b56f-03ce6c94e2a5\tINFO\thello\tthere\n",
    "INFO hello\tthere",
  ],
  [
    "what a Node handler threw",
    '2026-01-31T09:05:07.089Z\tadf6db2c-c6c1-4d77-b56f-03ce6c94e2a5\tERROR\tInvoke Error \t{"errorType":"RangeError","errorMessage":"too far","stack":["RangeError: too far","    at handler (index.mjs:1:2)"]}\n',
    "ERROR Invoke Error RangeError: too far\n    at handler (index.mjs:1:2)",
  ],
  [
    "an error with more than its stack says, before a request",
    '2026-01-31T09:05:07.089Z\tundefined\tERROR\tUncaught Exception \t{"errorType":"E","errorMessage":"later","code":"ENOENT","stack":["E: before"]}',
    'ERROR Uncaught Exception E: before\n    {"errorMessage":"later","code":"ENOENT"}',
  ],
  [
    "an object that was thrown",
    '2026-01-31T09:05:07.089Z\tadf6db2c-c6c1-4d77-b56f-03ce6c94e2a5\tERROR\tInvoke Error \t{"status":400}',
    'ERROR Invoke Error \t{"status":400}',
  ],
  [
    "what only begins like a thrown error, with many spaces",
    `2026-01-31T09:05:07.089Z\tadf6db2c-c6c1-4d77-b56f-03ce6c94e2a5\tERROR\tA${" ".repeat(200_000)}x`,
    `ERROR A${" ".repeat(200_000)}x`,
  ],
  [
    "INIT_REPORT",
    "INIT_REPORT Init Duration: 50.42 ms\tPhase: init\tStatus: error\tError Type: Runtime.UserCodeSyntaxError\n",
    "INIT_REPORT Init Duration: 50.42 ms, Phase: init, Status: error, Error Type: Runtime.UserCodeSyntaxError",
  ],
  [
    "logging of Python",
    "[WARNING]\t2026-01-31T09:05:07.089Z\tadf6db2c-c6c1-4d77-b56f-03ce6c94e2a5\thello\n",
    "[WARNING] hello",
  ],
  [
    "REPORT",
    "REPORT RequestId: 5f0c\tDuration: 812.31 ms\tBilled Duration: 813 ms\tMemory Size: 512 MB\tMax Memory Used: 118 MB\tInit Duration: 402.04 ms\t\n",
    "REPORT 5f0c, 812.31 ms, billed 813 ms, 118 of 512 MB, init 402.04 ms",
  ],
  [
    "REPORT of a function that timed out",
    "REPORT RequestId: 5f0c\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 512 MB\tStatus: timeout",
    "REPORT 5f0c, 3000.00 ms, billed 3000 ms, 512 MB, status timeout",
  ],
])("%s", (_what, message, expected) => {
  expect(logLine(AT, message)).toBe(`2026-01-31T09:05:07Z ${expected}`);
});

const REQUEST = { requestId: "r", startedAt: 0, coldStart: false, route: "POST /inference" };

test.each<[string, RequestRecord, string]>([
  [
    "one that was answered",
    {
      ...{ ...REQUEST, alias: "default", backend: "bedrock", upstreamModel: "m:0", attempts: 1, firstTokenAt: 400 },
      ...{ promptTokens: 0, completionTokens: 34, finishReason: "stop", isTruncated: false, status: 200, endedAt: 812 },
    },
    "200 default aws.bedrock:m:0 0+34 tokens 812 ms r",
  ],
  [
    "one whose upstream failed",
    {
      ...{ ...REQUEST, alias: "fast", backend: "openai", upstreamModel: "small", attempts: 3, status: 502, endedAt: 9 },
      ...{ error: "upstream_error", reason: "ECONNREFUSED" },
    },
    "502 fast openai:small 9 ms error: upstream_error, ECONNREFUSED r",
  ],
  [
    "one of no model",
    { ...REQUEST, status: 404, error: "model_not_found", endedAt: 1 },
    "404 POST /inference 1 ms error: model_not_found r",
  ],
  [
    "one of no route",
    { requestId: "r", startedAt: 0, coldStart: false, status: 404, error: "unknown_route", endedAt: 1 },
    "404 1 ms error: unknown_route r",
  ],
])("a request of the built-in function: %s", (_what, record, expected) => {
  const lines: string[] = [];
  createLog({}, (line) => lines.push(line))(record);
  expect(lines.map((line) => logLine(AT, line))).toEqual([`2026-01-31T09:05:07Z ${expected}`]);
});

test("END is left out", () => {
  expect(logLine(AT, "END RequestId: 5f0c\n")).toBeUndefined();
});
