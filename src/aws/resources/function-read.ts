import { GetFunctionCommand, type GetFunctionCommandOutput } from "@aws-sdk/client-lambda";
import { GatewayError } from "../../errors.ts";
import { unlessMissing } from "../failures.ts";
import type { Ctx } from "../kind.ts";
import { grantHint } from "../permissions.ts";
import { isOwned, type Tags, writable } from "./tags.ts";

/**
 * Configuration and tags of a function in one call, read once a round; undefined when there is none.
 * The answer holds the environment and a signed URL of the code: never print it.
 */
export function readFunction(ctx: Ctx, FunctionName: string): Promise<GetFunctionCommandOutput | undefined> {
  return ctx.once(`lambda:GetFunction:${FunctionName}`, () =>
    unlessMissing(ctx.aws.lambda.send(new GetFunctionCommand({ FunctionName }))),
  );
}

export async function isFunctionOwned(ctx: Ctx, functionName: string): Promise<boolean> {
  const found = await readFunction(ctx, functionName);
  return found !== undefined && isOwned(ctx, functionTags(found));
}

/** Without lambda:ListTags the tags are left out silently, and everything of ours would look foreign [aws 4.1]. */
export function functionTags(found: GetFunctionCommandOutput): Tags {
  if (found.TagsError !== undefined) {
    throw new GatewayError("AccessDenied", "the tags of the function cannot be read", {
      hint: `lambda:ListTags is missing. ${grantHint("lambda:ListTags")}`,
    });
  }
  return writable(found.Tags);
}
