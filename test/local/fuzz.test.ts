// Whatever arrives, the local AWS answers with an error of the protocol or closes the connection, and goes on.
import { once } from "node:events";
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { LOCAL_ACCESS_KEY_ID } from "../../src/local/credentials.ts";
import { type LocalAws, startLocalAws } from "../../src/local/server.ts";
import { LAMBDA_TRUST } from "./control-plane-support.ts";
import { SOUND } from "./fuzz-fixture.ts";

let aws: LocalAws;
let apiId = "";
const broken: string[] = [];
beforeAll(async () => {
  aws = await startLocalAws({
    port: 0,
    log: (line) => {
      if (line.includes("failed in the local AWS itself")) broken.push(line);
    },
  });
  const AssumeRolePolicyDocument = LAMBDA_TRUST;
  await form({ Action: "CreateRole", Version: "2010-05-08", RoleName: "fuzz", AssumeRolePolicyDocument });
  const api = await call("apigateway", {
    method: "POST",
    path: "/v2/apis",
    body: '{"name":"a","protocolType":"HTTP"}',
  });
  ({ apiId } = JSON.parse(api.text));
});
afterAll(() => aws.close());
afterEach(async () => {
  expect(broken.splice(0)).toEqual([]);
  expect((await fetch(`${aws.url}/_llm-gw/health`)).status).toBe(200);
});

const RUNS = { numRuns: 300, endOnFailure: true };

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** Sends a request in the form of a signed one; keys the account does not know pass. */
async function call(service: string, { method, path, headers = {}, body }: Request) {
  const sent: Record<string, string> = { ...headers, "x-amz-date": "20260101T000000Z" };
  const signed = ["host", ...Object.keys(sent).filter((name) => name.startsWith("x-amz-"))].join(";");
  sent.authorization = `AWS4-HMAC-SHA256 Credential=AKIAFUZZ/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=${signed}, Signature=${"0".repeat(64)}`;
  const withBody = body !== undefined && method !== "GET" && method !== "HEAD";
  const answer = await fetch(`${aws.url}${path}`, { method, headers: sent, ...(withBody && { body }) });
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
}

/** A call of IAM. */
function form(members: Readonly<Record<string, string>>) {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return call("iam", { method: "POST", path: "/", headers, body: new URLSearchParams(members).toString() });
}

const EXPECTED = new Set([200, 201, 202, 204, 400, 403, 404, 409, 412, 413, 429, 501]);

const word = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "",
    ".",
    "..",
    "%",
    "%zz",
    "*",
    "a".repeat(2000),
    "\u0000",
    "a\r\nx: y",
    'a"b',
  ),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(word, fc.constant("DEEP"), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(word, tie("value"), { maxKeys: 3 }),
  ),
})).value;
/** JSON that has something deeper in it than JSON.stringify can write. */
const deepened = (value: unknown) =>
  JSON.stringify(value).replaceAll('"DEEP"', "[".repeat(20_000) + "]".repeat(20_000));
const body = fc.oneof(
  json.map(deepened),
  fc.uint8Array({ maxLength: 60 }),
  fc.constantFrom("", "{", "[]", "null", "1e999", '{"a":1}{"b":2}', "\ufeff{}", '{"__proto__":{"x":1}}'),
);
const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");
/** Half of a surrogate pair cannot be sent at all. */
const wellFormed = (text: string) => Buffer.from(text).toString();
const segment = word.map((text) => encodeURIComponent(wellFormed(text)));
const query = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom("maxResults", "nextToken", "MaxItems", "Marker", "tagKeys", "Qualifier"), word),
      word,
    ),
  )
  .map((pairs) => pairs.map((pair) => pair.map((text) => encodeURIComponent(wellFormed(text))).join("=")).join("&"));

/** A sound request with up to two of its members, wherever they are, replaced by anything. */
const spoilt = fc
  .tuple(fc.constantFrom(...SOUND), fc.array(fc.tuple(fc.nat(), json), { maxLength: 2 }), fc.option(word))
  .map(([[service, verb, path, sound], changes, inPath]) => {
    const members: unknown = JSON.parse(JSON.stringify(sound));
    for (const [which, value] of changes) replaceOne(members, which, value);
    const spoiltPath = inPath === null ? path : path.replace(/(ID|\bf\b|\bs$)/, encodeURIComponent(wellFormed(inPath)));
    return { service, verb, path: spoiltPath, body: deepened(members) };
  });

function replaceOne(value: unknown, which: number, by: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const keys = Object.keys(value);
  const key = keys[which % Math.max(1, keys.length)];
  if (key === undefined) return;
  const inner: unknown = Reflect.get(value, key);
  if (typeof inner === "object" && which % 2 === 0) replaceOne(inner, which >> 1, by);
  else Reflect.set(value, key, by);
}

test("requests that are almost right", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(spoilt, async ({ service, verb, path, body: sent }) => {
      const logs = service === "logs";
      const headers: Record<string, string> = logs ? { "x-amz-target": `Logs_20140328.${verb}` } : {};
      const method = logs ? "POST" : verb;
      const answer = await call(service, { method, path: path.replace("ID", apiId), headers, body: sent });
      expect(EXPECTED).toContain(answer.status);
      if (answer.status >= 400) expect(() => JSON.parse(answer.text)).not.toThrow();
      seen.add(`${service} ${answer.status}`);
    }),
    { ...RUNS, numRuns: 2000 },
  );
  // They reach the operations: not all of them end at the door.
  for (const service of ["lambda", "apigateway", "logs"]) {
    expect([...seen]).toEqual(expect.arrayContaining([`${service} 200`, `${service} 400`]));
  }
});

test("requests that are nothing like it", async () => {
  const service = fc.constantFrom("lambda", "apigateway", "iam", "logs", "sts", "bedrock", "s3", "");
  const path = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join("/")}`);
  await fc.assert(
    fc.asyncProperty(service, method, path, query, body, async (name, verb, at, search, sent) => {
      const answer = await call(name, { method: verb, path: `${at}?${search}`, body: sent });
      expect(EXPECTED).toContain(answer.status);
    }),
    RUNS,
  );
});

test("query", async () => {
  const actions = ["CreateRole", "GetRole", "TagRole", "ListRoles", "PutRolePolicy", "AttachRolePolicy", "Nonsense"];
  const members = ["RoleName", "AssumeRolePolicyDocument", "Tags.member.1.Key", "Tags.member.1", "Tags.member.x.Value"];
  const forms = fc.tuple(
    fc.constantFrom(...actions),
    fc.array(
      fc.tuple(
        fc.oneof(fc.constantFrom(...members, "Path", "MaxItems", "a..b", ".", `${"a.".repeat(20_000)}a`), word),
        word,
      ),
      {
        maxLength: 6,
      },
    ),
  );
  await fc.assert(
    fc.asyncProperty(forms, fc.boolean(), async ([action, pairs], versioned) => {
      const members = { Action: action, ...(versioned && { Version: "2010-05-08" }) };
      const answer = await form({ ...Object.fromEntries(pairs), ...members });
      expect(EXPECTED).toContain(answer.status);
      expect(answer.text).toMatch(/^<(ErrorResponse|\w+Response) xmlns="[^"]+">.*<\/(ErrorResponse|\w+Response)>$/s);
      // Characters that XML cannot hold would make the whole answer unreadable.
      expect([...answer.text].every((char) => char >= " " || "\t\n\r".includes(char))).toBe(true);
    }),
    RUNS,
  );
});

test("json 1.1", async () => {
  const operations = ["CreateLogGroup", "DescribeLogGroups", "FilterLogEvents", "PutRetentionPolicy", "TagResource"];
  const target = fc.oneof(
    fc.constantFrom(...operations).map((name) => `Logs_20140328.${name}`),
    fc.constantFrom("", "Logs_20140328", "Logs_20140328.", "Logs_20140328.toString", "X.Y", "Logs_20140328.__proto__"),
  );
  await fc.assert(
    fc.asyncProperty(method, target, body, async (verb, operation, sent) => {
      const answer = await call("logs", {
        method: verb,
        path: "/",
        headers: { "x-amz-target": operation },
        body: sent,
      });
      expect(EXPECTED).toContain(answer.status);
      if (verb !== "HEAD") expect(() => JSON.parse(answer.text)).not.toThrow();
    }),
    RUNS,
  );
});

test("signatures with headers that were not sent", async () => {
  const key = `Credential=${LOCAL_ACCESS_KEY_ID}/20260101/eu-west-1/lambda/aws4_request`;
  const names = fc.constantFrom(
    "host",
    "x-amz-date",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "a b",
    "",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(names, { maxLength: 4 }), async (signed) => {
      const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
      const headers = `SignedHeaders=${["host", "x-amz-date", ...signed].join(";")}, Signature=${"0".repeat(64)}`;
      const authorization = `AWS4-HMAC-SHA256 ${key.replace("20260101", date.slice(0, 8))}, ${headers}`;
      const answer = await fetch(`${aws.url}/2015-03-31/functions`, { headers: { authorization, "x-amz-date": date } });
      expect([400, 403]).toContain(answer.status);
    }),
    RUNS,
  );
});

test("its own endpoints and those of the APIs", async () => {
  const path = fc.tuple(fc.constantFrom("_llm-gw", "execute-api", "lambda-url"), fc.array(segment, { maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(method, path, query, body, async (verb, [root, rest], search, sent) => {
      const withBody = verb !== "GET" && verb !== "HEAD" && { body: sent };
      const answer = await fetch(`${aws.url}/${root}/${rest.join("/")}?${search}`, { method: verb, ...withBody });
      expect(EXPECTED).toContain(answer.status);
    }),
    RUNS,
  );
});

test("bytes that are no HTTP", async () => {
  const line = fc.constantFrom(
    "GET / HTTP/1.1\r\n",
    "POST /v2/apis HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999999\r\n\r\n{",
    "CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "GET /%00%ff/../.. HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "GET /v2/apis HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: \u0001\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${"x".repeat(40_000)}\r\n\r\n`,
    "* * *\r\n\r\n",
  );
  const bytes = fc.oneof(
    line.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
  );
  const port = Number(new URL(aws.url).port);
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 3 }), async (parts) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      await once(socket, "connect");
      for (const part of parts) socket.write(part);
      socket.end();
      socket.resume();
      if (!socket.closed) await once(socket, "close");
    }),
    { ...RUNS, numRuns: 100 },
  );
});
