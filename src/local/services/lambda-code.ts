import { createHash } from "node:crypto";
import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { FunctionCode } from "../store/lambda.ts";
import { invalidParameter, tooLarge } from "./lambda-model.ts";
import { readZipDirectory } from "./lambda-zip.ts";

/** Bytes of a zip sent with the request, and of what is in it [aws 4.9]. */
export const ZIP_LIMIT = 52_428_800;
export const UNZIPPED_LIMIT = 262_144_000;

/** Where the code of a function is to come from. */
export const codeInput = {
  /** Base64. */
  ZipFile: z.string().optional(),
  S3Bucket: z.string().optional(),
  S3Key: z.string().optional(),
  S3ObjectVersion: z.string().optional(),
  ImageUri: z.string().optional(),
};

const codeSchema = z.object(codeInput);

/** The package as Lambda takes it, or the error with which Lambda refuses it. */
export function readCode(input: z.output<typeof codeSchema>, architecture: string): FunctionCode {
  const { ZipFile: zipFile, ImageUri: image, S3Bucket, S3Key, S3ObjectVersion } = input;
  const elsewhere = [image, S3Bucket, S3Key, S3ObjectVersion].some((one) => one !== undefined);
  if (zipFile !== undefined && elsewhere) {
    throw invalidParameter("Please do not provide other FunctionCode parameters when providing a ZipFile.");
  }
  if (image !== undefined) throw notSupported("A container image as function code");
  if (elsewhere) throw notSupported("Function code from S3");
  if (zipFile === undefined) throw invalidParameter("Please provide a source for function code.");
  const zip = Buffer.from(zipFile, "base64");
  if (zip.length > ZIP_LIMIT) throw tooLarge(`Zipped size must be smaller than ${ZIP_LIMIT} bytes`);
  const content = readZipDirectory(zip);
  if (content === undefined) {
    throw invalidParameter("Could not unzip uploaded file. Please check your file, then try to upload again.");
  }
  if (content.entries === 0) throw invalidParameter("Uploaded file must be a non-empty zip");
  if (content.bytes >= UNZIPPED_LIMIT)
    throw invalidParameter(`Unzipped size must be smaller than ${UNZIPPED_LIMIT} bytes`);
  return { zip, sha256: createHash("sha256").update(zip).digest("base64"), architecture };
}

function notSupported(what: string): AwsError {
  return new AwsError("NotImplemented", 501, `${what} is not supported by the local AWS: send a ZipFile.`);
}
