import { expect, test } from "vitest";
import { logLine } from "../../src/commands/log-line.ts";

const AT = Date.UTC(2026, 0, 31, 9, 5, 7, 89);

test.each([
  [
    "a request of the built-in function",
    '{"requestId":"r","route":"/inference","coldStart":true,"alias":"default","backend":"bedrock:m","promptTokens":12,"completionTokens":34,"status":200,"milliseconds":812}\n',
    "200 default bedrock:m 12+34 tokens 812 ms",
  ],
  [
    "one that failed",
    '{"requestId":"r","route":"/inference","alias":"default","backend":"openai:x","status":502,"error":"upstream_error","reason":"ECONNREFUSED","milliseconds":3}',
    "502 default openai:x 3 ms error: upstream_error, ECONNREFUSED",
  ],
  [
    "one that no model was found for",
    '{"requestId":"r","route":"/inference","status":404,"error":"model_not_found","milliseconds":0}',
    "404 /inference 0 ms error: model_not_found",
  ],
  [
    "a record in CloudWatch's embedded metric format, with OpenTelemetry's names",
    '{"_aws":{"Timestamp":1},"status":200,"alias":"a","gen_ai.usage.input_tokens":0,"gen_ai.usage.output_tokens":5}',
    "200 a 0+5 tokens",
  ],
  ["another JSON object", '{ "level": "info",\n "_aws": {}, "message": "hi" }\n', '{"level":"info","message":"hi"}'],
  ["what only looks like JSON", "{not json", "{not json"],
  ["text, whose own indentation and lines stay", "  one\n  two\n", "  one\n  two"],
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

test("END is left out", () => {
  expect(logLine(AT, "END RequestId: 5f0c\n")).toBeUndefined();
});
