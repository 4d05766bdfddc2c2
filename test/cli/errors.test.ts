// The table of errors: what AWS answers or this machine does not do, and what the user is told.
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { explain } from "../../src/explain.ts";
import { finished, llmGw, temporaryFolder } from "../support/cli.ts";
import { runHere } from "../support/run-here.ts";
import { type LocalTestAws, startLocal } from "../support/served-aws.ts";

const PROGRAM = new URL("../../bin/llm-gw.js", import.meta.url).pathname;

let aws: LocalTestAws;
beforeAll(async () => {
  aws = await startLocal();
});
afterAll(() => aws.close());

interface Answer {
  /** What AWS answers to which call. */
  readonly operation: string;
  readonly status: number;
  readonly name: string;
  readonly says: string;
  /** What the user gets. */
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const INVALID = "InvalidParameterValueException";
const ANSWERS: readonly Answer[] = [
  {
    ...{ operation: "GetCallerIdentity", status: 403, name: "SignatureDoesNotMatch" },
    says: "Signature expired: 20260101T000000Z is now earlier than 20260101T120000Z (20260101T121500Z - 15 min.)",
    ...{ code: "ClockSkew", message: /clock differs too much/, hint: /time server/ },
  },
  {
    ...{ operation: "GetCallerIdentity", status: 403, name: "ExpiredToken", says: "The security token is expired" },
    ...{ code: "ExpiredCredentials", message: /have expired/, hint: /aws sso login$/ },
  },
  {
    ...{ operation: "GetCallerIdentity", status: 403, name: "InvalidClientTokenId", says: "The token is invalid." },
    ...{ code: "InvalidCredentials", message: /does not know the access key/, hint: /region that the account has not/ },
  },
  {
    ...{ operation: "GetCallerIdentity", status: 403, name: "SignatureDoesNotMatch", says: "It does not match." },
    ...{ code: "InvalidCredentials", message: /does not accept the signature/, hint: /secret key is wrong/ },
  },
  {
    ...{ operation: "CreateFunction", status: 403, name: "OptInRequired", says: "You need a subscription." },
    ...{ code: "AccountNotReady", message: /may not use this service here: You need/, hint: /Enable the region/ },
  },
  {
    ...{ operation: "CreateStage", status: 400, name: "BadRequestException" },
    says: "Insufficient permissions to enable logging",
    ...{ code: "AccessDenied", message: /access logs may not be switched on/, hint: /logs:CreateLogDelivery/ },
  },
  {
    ...{ operation: "CreateStage", status: 400, name: "BadRequestException" },
    says: "Cannot enable logging. Policy document length breaking Cloudwatch Logs Constraints, either < 1 or > 5120",
    ...{ code: "LogPolicyFull", message: /AWSLogDeliveryWrite20150319, is full/, hint: /describe-resource-policies/ },
  },
  {
    ...{ operation: "CreateFunction", status: 400, name: INVALID },
    says: 'Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {"A":"b"}',
    ...{
      code: "EnvironmentTooLarge",
      message: /^the function's environment is above Lambda's limit of 4 KB/,
      hint: /Move/,
    },
  },
  {
    ...{ operation: "CreateFunction", status: 400, name: INVALID },
    says: "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_NEW",
    ...{ code: "EnvironmentReserved", message: /for itself: AWS_NEW/, hint: /another name/ },
  },
  {
    ...{ operation: "CreateFunction", status: 400, name: INVALID },
    says: "The runtime parameter of python2.7 is no longer supported for creating or updating AWS Lambda functions.",
    ...{ code: "RuntimeNotSupported", message: /python2\.7 is no longer supported/, hint: /--runtime python3\.13/ },
  },
  {
    ...{ operation: "CreateFunction", status: 400, name: INVALID },
    says: "Value nodejs99.x at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs24.x]",
    ...{ code: "RuntimeNotSupported", message: /nodejs99\.x/, hint: /not in every region/ },
  },
  {
    ...{ operation: "CreateFunction", status: 400, name: INVALID },
    says: "Could not unzip uploaded file. Please check your file, then try to upload again.",
    ...{ code: "CodeNotZip", message: /cannot unpack/, hint: /Make the zip anew/ },
  },
  {
    ...{ operation: "CreateFunction", status: 400, name: INVALID },
    says: "Unzipped size must be smaller than 262144000 bytes",
    ...{ code: "CodeTooLarge", message: /above 250 MB unzipped/, hint: /\.llmgwignore/ },
  },
  {
    ...{ operation: "CreateFunction", status: 413, name: "RequestEntityTooLargeException" },
    says: "Request must be smaller than 70167211 bytes for the CreateFunction operation",
    ...{ code: "CodeTooLarge", message: /above 50 MB zipped/, hint: /\.llmgwignore/ },
  },
  {
    ...{ operation: "CreateFunction", status: 400, name: "CodeStorageExceededException" },
    says: "Code storage limit exceeded.",
    ...{ code: "CodeStorageExceeded", message: /Code storage limit/, hint: /Delete functions or versions/ },
  },
  {
    ...{ operation: "AddPermission", status: 400, name: "PolicyLengthExceededException" },
    says: "The final policy size (20493) is bigger than the limit (20480).",
    ...{ code: "PolicyTooLarge", message: /above Lambda's limit of 20 KB/, hint: /remove-permission/ },
  },
  {
    ...{ operation: "PutRolePolicy", status: 400, name: "MalformedPolicyDocument", says: "Invalid resource" },
    ...{ code: "InvalidPolicy", message: /function's policy: Invalid resource/, hint: /"models" in llm-gw\.json/ },
  },
  {
    ...{ operation: "AttachRolePolicy", status: 400, name: "PolicyNotAttachable", says: "It is not attachable." },
    ...{ code: "PolicyNotAttachable", message: /It is not attachable/, hint: /AWSLambdaBasicExecutionRole/ },
  },
  {
    ...{ operation: "CreateRole", status: 400, name: "UnmodifiableEntity", says: "Only a service can change it." },
    ...{ code: "RoleInUse", message: /does not let go of the role/, hint: /instance profile/ },
  },
  {
    ...{ operation: "CreateApi", status: 400, name: "BadRequestException" },
    says: "Caught exception when connecting to https://x.invalid/.well-known/openid-configuration for issuer https://x.invalid. Please try again later. Error: Invalid issuer: https://x.invalid.",
    ...{ code: "InvalidIssuer", message: /cannot use the issuer of the tokens: Caught/, hint: /openid-configuration/ },
  },
  {
    ...{ operation: "CreateApi", status: 400, name: "BadRequestException" },
    says: "Maximum number of APIs for this account has been reached.",
    ...{ code: "LimitExceeded", message: /a quota of the account is used up: Maximum/, hint: /Service Quotas/ },
  },
  {
    ...{ operation: "CreateRole", status: 400, name: "InvalidInput", says: "Something new." },
    ...{
      code: "InvalidInputException",
      message: /AWS refused the call: InvalidInput.*: Something new/,
      hint: /--verbose/,
    },
  },
];

test.each(ANSWERS)("$operation answers $name: $says", async ({ operation, status, name, says, ...told }) => {
  const cwd = await temporaryFolder();
  const world = { cwd, env: { LLM_GW_LOCAL_PORT: new URL(aws.url).port } };
  await aws.refuse(operation, status, name, says, { times: 99 });
  const { code, stdout, stderr } = await runHere(["deploy", "--local", "--json", "--name", "errors"], world);
  await aws.faults();
  await runHere(["destroy", "--local", "--yes", "--name", "errors"], world);
  expect(code).toBe(1);
  const { error } = JSON.parse(stdout);
  expect(error).toEqual({
    code: told.code,
    message: expect.stringMatching(told.message),
    hint: expect.stringMatching(told.hint),
  });
  expect(error.message).toMatch(/\(request id [0-9a-f-]{36}\)$/);
  expect(stderr).toContain(`error: ${error.message}\nhint: ${error.hint}\n`);
});

test("a log group that is protected from deletion", async () => {
  const cwd = await temporaryFolder();
  const world = { cwd, env: { LLM_GW_LOCAL_PORT: new URL(aws.url).port } };
  await runHere(["deploy", "--local"], world);
  const says = "The log group has deletion protection enabled";
  await aws.refuse("DeleteLogGroup", 400, "InvalidParameterException", says);
  const run = await runHere(["destroy", "--local", "--yes"], world);
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("llm-gw destroy --local --keep-logs") });
  expect(await runHere(["destroy", "--local", "--yes"], world)).toMatchObject({ code: 0 });
});

/** What is waited out for long before it reaches the user, as the SDK and Node throw it. */
describe("after many tries", () => {
  const failure = (name: string, message: string, more: object = {}) =>
    Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400, requestId: "id-1" }, ...more });
  const server = { $metadata: { httpStatusCode: 503 } };
  const none = { $metadata: {} };
  const cases: readonly (readonly [string, Error, string, RegExp])[] = [
    ["throttled", failure("TooManyRequestsException", "Rate exceeded"), "Throttled", /goes on where it stopped/],
    ["throttled by IAM", failure("Throttling", "Rate exceeded"), "Throttled", /uses the same account/],
    [
      "a quota",
      failure("LimitExceededException", "Cannot exceed quota for RolesPerAccount: 1000"),
      "LimitExceeded",
      /Quotas/,
    ],
    [
      "the role",
      failure(INVALID, "The role defined for the function cannot be assumed by Lambda."),
      "RoleNotAssumable",
      /minutes/,
    ],
    [
      "a role in use",
      failure("DeleteConflictException", "must remove roles from instance profile first."),
      "RoleInUse",
      /profile/,
    ],
    ["a busy API", failure("ConflictException", "due to concurrent modification. Please try"), "Busy", /in a minute/],
    ["a busy function", failure("ResourceConflictException", "An update is in progress"), "Busy", /in a minute/],
    [
      "a policy that is hidden",
      failure("NoSuchEntityException", "Policy x does not exist or is not attachable."),
      "PolicyNotAttachable",
      /organization/,
    ],
    ["an empty 503", failure("UnknownError", "UnknownError", server), "AwsFailed", /health\.aws\.amazon\.com/],
    [
      "a region that does not exist",
      failure("Error", "getaddrinfo ENOTFOUND sts.eu-wset-1.amazonaws.com", { ...none, code: "ENOTFOUND" }),
      "NoConnection",
      /^Check the network, and that the region exists: did you mean eu-west-1\?$/,
    ],
    [
      "a region that exists, without a network",
      failure("Error", "getaddrinfo ENOTFOUND sts.eu-west-1.amazonaws.com", { ...none, code: "ENOTFOUND" }),
      "NoConnection",
      /^Check the network, and that the region exists\.$/,
    ],
    ["silence", failure("TimeoutError", "connect timed out", none), "NoConnection", /Check the network/],
    [
      "a port",
      failure("Error", "listen EADDRINUSE", { ...none, code: "EADDRINUSE", syscall: "listen" }),
      "PortInUse",
      /LLM_GW_LOCAL_PORT/,
    ],
    [
      "no rights",
      failure("Error", "EACCES: x", { ...none, code: "EACCES", syscall: "open", path: "/x" }),
      "FileFailed",
      /who may/,
    ],
    [
      "open files",
      failure("Error", "EMFILE: x", { ...none, code: "EMFILE", syscall: "open", path: "/x" }),
      "FileFailed",
      /ulimit/,
    ],
    ["a mistake of ours", new TypeError("x is no function"), "Internal", /report what it prints/],
  ];

  test.each(cases)("%s", (_title, error, code, hint) => {
    const told = explain(error, { profile: undefined, env: {}, secrets: [], names: [] });
    expect(told).toMatchObject({ code, exitCode: 1, hint: expect.stringMatching(hint) });
  });
});

describe("the way to AWS", () => {
  const KEY = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "x", AWS_REGION: "eu-west-1" };

  test("a name that nobody knows", async () => {
    const env = { ...KEY, AWS_ENDPOINT_URL: "http://aws.invalid" };
    const run = await llmGw(await temporaryFolder(), env, ["status"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(
      /^error: AWS cannot be reached: the name aws\.invalid is unknown here\nhint: Check the network/m,
    );
    expect(run.stderr).toContain("AWS_ENDPOINT_URL leads to another server");
  });

  test("nobody answers, and a proxy is set that is not used", async () => {
    const closed = await startLocal();
    await closed.close();
    const env = { ...KEY, AWS_ENDPOINT_URL: closed.url, HTTPS_PROXY: "http://user:password@proxy.invalid" };
    const run = await llmGw(await temporaryFolder(), env, ["status"]);
    expect(run).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("AWS cannot be reached: connect ECONNREFUSED"),
    });
    expect(run.stderr).toContain("HTTPS_PROXY is set, but llm-gw connects directly");
    expect(run.stderr).not.toContain("password");
  });

  const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
  if (!hasOpenssl) process.stderr.write("openssl is missing: a certificate that is not trusted is not tried\n");

  test.runIf(hasOpenssl)("a certificate that is not trusted", async () => {
    const folder = await temporaryFolder();
    const subject = ["-subj", "/CN=localhost", "-days", "2", "-nodes", "-keyout", "key.pem", "-out", "cert.pem"];
    spawnSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", ...subject], {
      cwd: folder,
    });
    const [key, cert] = await Promise.all(["key.pem", "cert.pem"].map((name) => readFile(join(folder, name))));
    const server = createServer({ key, cert });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const run = await llmGw(folder, { ...KEY, AWS_ENDPOINT_URL: `https://127.0.0.1:${port}` }, ["status"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(
      /certificate is not trusted \(self-signed certificate\)\nhint: .*NODE_EXTRA_CA_CERTS=FILE/,
    );
  });
});

describe("this machine", () => {
  test("a Node that is too old", async () => {
    const folder = await temporaryFolder();
    const hook = join(folder, "old.cjs");
    const versions = '{ value: { ...process.versions, node: "18.20.4" } }';
    await writeFile(hook, `Object.defineProperty(process, "versions", ${versions});`);
    const run = await finished(
      spawn(process.execPath, ["--require", hook, PROGRAM, "deploy", "--json"], { cwd: folder }),
    );
    expect(run).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: llm-gw needs Node 20\.12 or newer, .*18\.20\.4/),
    });
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: "NodeTooOld" } });
  });

  test.skipIf(process.platform === "win32")("a folder that is gone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "llm-gw-gone-"));
    const script = `rm -r "${folder}"; exec "${process.execPath}" "${PROGRAM}" deploy --region eu-west-1`;
    const run = await finished(spawn("sh", ["-c", script], { cwd: folder }));
    await rm(folder, { recursive: true, force: true });
    expect(run).toMatchObject({
      code: 1,
      stderr: "error: the current folder no longer exists\nhint: Go to another one: cd\n",
    });
  });
});
