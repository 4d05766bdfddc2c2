// Packages that lie about themselves.
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readZipDirectory } from "../../src/local/services/lambda-zip.ts";
import { createRole, ECHO, refusal, startAccount, type TestAccount, zipOf } from "./control-plane-support.ts";

let aws: TestAccount;
let Role: string;
beforeAll(async () => {
  aws = await startAccount();
  Role = await createRole(aws);
});
afterAll(() => aws.close());

/** An end record of zip64 that claims so many entries, with the locator and the end record after it. */
function claiming(entries: bigint): Buffer {
  const zip = Buffer.alloc(56 + 20 + 22);
  zip.writeUInt32LE(0x06064b50, 0);
  zip.writeBigUInt64LE(entries, 24);
  zip.writeBigUInt64LE(entries, 32);
  zip.writeUInt32LE(0x07064b50, 56);
  zip.writeUInt32LE(0x06054b50, 76);
  zip.fill(0xff, 84, 96);
  return zip;
}

const sound = Buffer.from(ECHO);
const end = sound.length - 22;
const spoilt = (at: number, value: number) => {
  const zip = Buffer.from(sound);
  zip.writeUInt16LE(value, at);
  return zip;
};

test.each([
  ["a million entries that are not there", claiming(1_000_000n)],
  ["more entries than can be counted", claiming(2n ** 60n)],
  ["two entries where there is one", spoilt(end + 10, 2)],
  ["a directory behind its end", spoilt(end + 16, 0xffff)],
  ["a directory where there is none", spoilt(end + 16, 0)],
  ["a comment that is not there", spoilt(end + 20, 5)],
  ["nothing", Buffer.from("no zip at all, but long enough for one")],
])("a package with %s is refused", async (_what, ZipFile) => {
  const call = new CreateFunctionCommand({
    FunctionName: "f",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role,
    Code: { ZipFile },
  });
  expect(await refusal(aws.lambda.send(call))).toMatchObject({
    name: "InvalidParameterValueException",
    status: 400,
    message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
  });
});

test("what a sound package holds is counted without unpacking it", () => {
  expect(readZipDirectory(Buffer.from(zipOf("12345")))).toEqual({ entries: 1, bytes: 5 });
  const many = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`f${index}`, strToU8("x")]));
  expect(readZipDirectory(Buffer.from(zipSync(many, { level: 0 })))).toEqual({ entries: 60_000, bytes: 60_000 });
});
