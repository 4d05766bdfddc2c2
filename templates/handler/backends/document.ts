import type { DocumentType } from "@smithy/types";
import { isRecord } from "../json.ts";

/** Whether a value that has come out of JSON is an object, in the type that the AWS SDK wants for one. */
export function isDocument(value: unknown): value is { [name: string]: DocumentType } {
  return isRecord(value);
}
