// The keys of models, fetched through the real SDK clients from a server that stands for AWS.
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { bufferedHandler } from "../../templates/handler/doors/buffered.ts";
import { createGateway } from "../../templates/handler/gateway.ts";
import { createSecrets, type SecretReference } from "../../templates/handler/secrets.ts";
import { tableOf } from "./support/bundle.ts";
import { httpEvent, readHttp } from "./support/events.ts";
import { sendJson, startUpstream, type Upstream, type UpstreamRequest } from "./support/upstream.ts";

const SSM: SecretReference = { source: "ssm", name: "/llm-gw/key" };
const MANAGED: SecretReference = { source: "secretsmanager", name: "llm/key" };
const MINUTE = 60_000;

let upstream: Upstream;
const requests: UpstreamRequest[] = [];
let answer: (request: UpstreamRequest, response: ServerResponse) => void;
let clock: number;
const secretsFor = (env: Record<string, string> = {}) => createSecrets(env, () => clock);
const asked = () => requests.map(({ headers, body }) => [headers["x-amz-target"], JSON.parse(body)]);

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  vi.stubEnv("AWS_ENDPOINT_URL", upstream.url);
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "made-up");
  vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await upstream.close();
});
beforeEach(() => {
  clock = 1000;
  requests.length = 0;
  answer = (_request, response) => sendJson(response, 200, { Parameter: { Value: "key-1" }, SecretString: "key-1" });
});

const fail = (code: string, status = 400) => {
  answer = (_request, response) => sendJson(response, status, { __type: code, message: "role arn:aws:iam::1:role/r" });
};

describe("where a key is kept", () => {
  test("a parameter, decrypted", async () => {
    expect(await secretsFor().read(SSM)).toBe("key-1");
    expect(asked()).toEqual([["AmazonSSM.GetParameter", { Name: "/llm-gw/key", WithDecryption: true }]]);
  });

  test("a secret", async () => {
    expect(await secretsFor().read(MANAGED)).toBe("key-1");
    expect(asked()).toEqual([["secretsmanager.GetSecretValue", { SecretId: "llm/key" }]]);
  });

  test("a variable, without a call", async () => {
    expect(await secretsFor({ KEY: "key-2" }).read({ source: "env", name: "KEY" })).toBe("key-2");
    expect(asked()).toEqual([]);
  });

  test("the newline at the end of a file is no part of it", async () => {
    answer = (_request, response) => sendJson(response, 200, { Parameter: { Value: "key-1\n" } });
    expect(await secretsFor().read(SSM)).toBe("key-1");
  });
});

describe("how often it is fetched", () => {
  test("once, for all who ask at the same time and for five minutes", async () => {
    const secrets = secretsFor();
    expect(await Promise.all([secrets.read(SSM), secrets.read(SSM), secrets.read(SSM)])).toEqual(
      Array(3).fill("key-1"),
    );
    clock += 5 * MINUTE - 1;
    await secrets.read(SSM);
    expect(asked()).toHaveLength(1);
  });

  test("then again, so that a new key is found", async () => {
    const secrets = secretsFor();
    await secrets.read(SSM);
    answer = (_request, response) => sendJson(response, 200, { Parameter: { Value: "key-2" } });
    clock += 5 * MINUTE;
    expect(await secrets.read(SSM)).toBe("key-2");
    expect(asked()).toHaveLength(2);
  });

  test("the old key serves while its store fails, which is asked again half a minute later", async () => {
    const secrets = secretsFor();
    await secrets.read(SSM);
    fail("InternalServerError", 500);
    clock += 5 * MINUTE;
    expect(await secrets.read(SSM)).toBe("key-1");
    expect(await secrets.read(SSM)).toBe("key-1");
    expect(asked()).toHaveLength(2);
    answer = (_request, response) => sendJson(response, 200, { Parameter: { Value: "key-2" } });
    clock += 30_000;
    expect(await secrets.read(SSM)).toBe("key-2");
  });

  test("after a failure, by the next who asks", async () => {
    const secrets = secretsFor();
    fail("InternalServerError", 500);
    await expect(secrets.read(SSM)).rejects.toMatchObject({ status: 502 });
    answer = (_request, response) => sendJson(response, 200, { Parameter: { Value: "key-2" } });
    expect(await secrets.read(SSM)).toBe("key-2");
  });
});

describe("a key that the model's server refuses", () => {
  /** A server that takes `valid` only, behind a gateway whose clock is ours. */
  async function gatewayWith(valid: () => string) {
    const server = await startUpstream(({ headers }, response) => {
      const isGood = headers.authorization === `Bearer ${valid()}`;
      const good = { choices: [{ message: { content: "Hi" }, finish_reason: "stop" }] };
      sendJson(response, isGood ? 200 : 401, isGood ? good : {});
    });
    const table = tableOf({ default: { backend: "openai", baseUrl: server.url, model: "m", key: SSM } });
    const world = { table, env: {}, version: "1", now: () => clock, random: () => 0, log: () => {} };
    const handler = bufferedHandler(createGateway(world));
    const context = { awsRequestId: "r", getRemainingTimeInMillis: () => 20_000 };
    return {
      server,
      ask: async () => readHttp(await handler(httpEvent('{"prompt":"Hi"}'), context)).status,
    };
  }

  test("is fetched again, and the request is answered with the new one", async () => {
    let valid = "key-1";
    const { server, ask } = await gatewayWith(() => valid);
    expect(await ask()).toBe(200);
    valid = "key-2";
    answer = (_request, response) => sendJson(response, 200, { Parameter: { Value: "key-2" } });
    clock += 30_000;
    expect(await ask()).toBe(200);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(
      ["key-1", "key-1", "key-2"].map((key) => `Bearer ${key}`),
    );
    expect(asked()).toHaveLength(2);
    await server.close();
  });

  test("is asked for once in half a minute, and tried once more", async () => {
    const { server, ask } = await gatewayWith(() => "another");
    expect([await ask(), await ask()]).toEqual([502, 502]);
    expect([asked().length, server.requests.length]).toEqual([1, 2]);
    clock += 30_000;
    expect([await ask(), await ask()]).toEqual([502, 502]);
    expect([asked().length, server.requests.length]).toEqual([2, 5]);
    await server.close();
  });

  test("still serves while its store fails, and one that was replaced meanwhile is tried again", async () => {
    const secrets = secretsFor();
    await secrets.read(SSM);
    clock += 30_000;
    fail("InternalServerError", 500);
    expect(secrets.refused(SSM, "key-1")).toBe(true);
    expect(await secrets.read(SSM)).toBe("key-1");
    expect(secrets.refused(SSM, "key-1")).toBe(false);
    expect(secrets.refused(SSM, "key-0")).toBe(true);
    expect(secrets.refused({ source: "env", name: "KEY" }, "key-1")).toBe(false);
  });
});

describe("a key that cannot be had", () => {
  const cases: [string, SecretReference, () => void, number, RegExp][] = [
    ["no such parameter", SSM, () => fail("ParameterNotFound"), 500, /^ssm:\/llm-gw\/key: ParameterNotFound$/],
    ["no such secret", MANAGED, () => fail("ResourceNotFoundException"), 500, /ResourceNotFoundException$/],
    ["no right to it", SSM, () => fail("AccessDeniedException"), 500, /AccessDeniedException$/],
    ["a store that fails", MANAGED, () => fail("InternalServiceError", 500), 502, /InternalServiceError$/],
    [
      "a store that is gone",
      SSM,
      () => {
        answer = (_request, response) => response.destroy();
      },
      502,
      /^ssm:\/llm-gw\/key: /,
    ],
    [
      "bytes",
      MANAGED,
      () => {
        answer = (_request, response) => sendJson(response, 200, { SecretBinary: "AAAA" });
      },
      500,
      /^no text in secretsmanager:/,
    ],
    ["a variable that is not set", { source: "env", name: "KEY" }, () => undefined, 500, /^no text in env:KEY$/],
  ];

  test.each(cases)("%s", async (_title, reference, prepare, status, reason) => {
    prepare();
    const refused = secretsFor().read(reference);
    await expect(refused).rejects.toMatchObject({ status, reason: expect.stringMatching(reason) });
    // The caller learns neither the name nor what AWS said.
    await expect(refused).rejects.not.toThrow(new RegExp(`${reference.name}|arn:aws`));
  });
});

test("who gives up waits no longer, and others have the key all the same", async () => {
  const secrets = secretsFor();
  let release = () => {};
  const arrived = new Promise<void>((resolve) => {
    answer = (_request, response) => {
      release = () => sendJson(response, 200, { Parameter: { Value: "key-1" } });
      resolve();
    };
  });
  const abort = new AbortController();
  const impatient = secrets.read(SSM, abort.signal);
  const patient = secrets.read(SSM, new AbortController().signal);
  await arrived;
  abort.abort(new Error("too late"));
  await expect(impatient).rejects.toThrow("too late");
  release();
  expect(await patient).toBe("key-1");
  expect(asked()).toHaveLength(1);
});

test("a store that never answers is given up after five seconds", async () => {
  const limit = new AbortController();
  const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValueOnce(limit.signal);
  const arrived = new Promise<void>((resolve) => {
    answer = () => resolve();
  });
  const refused = expect(secretsFor().read(SSM)).rejects.toMatchObject({ status: 502 });
  await arrived;
  expect(timeout).toHaveBeenCalledWith(5000);
  limit.abort();
  await refused;
  timeout.mockRestore();
});
