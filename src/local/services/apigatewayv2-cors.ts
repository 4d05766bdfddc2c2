import * as z from "zod";
import type { Cors } from "../store.ts";
import { badRequest } from "./apigatewayv2-model.ts";

const headerName = z
  .string()
  .min(1)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);

export const corsConfiguration = z.strictObject({
  allowCredentials: z.boolean().optional(),
  allowHeaders: z.array(headerName).optional(),
  allowMethods: z.array(z.enum(["*", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])).optional(),
  allowOrigins: z.array(z.string()).optional(),
  exposeHeaders: z.array(headerName).optional(),
  /** Seconds; -1: browsers keep nothing. */
  maxAge: z.number().int().min(-1).max(86_400).optional(),
});

/** All origins, all of one scheme, or one. No path, no other scheme, and no wildcard inside a name (unconfirmed). */
const ORIGIN = /^(\*|https?:\/\/(\*|[^\s/?#@*]+))$/i;

/**
 * The configuration after a change. Members merge, an empty object changes nothing [aws 5.6], and an empty list takes
 * its member away (unconfirmed). BadRequestException for origins AWS does not take.
 */
export function mergedCors(
  old: Cors | undefined,
  change: z.output<typeof corsConfiguration> | undefined,
): Cors | undefined {
  if (change === undefined) return old;
  const cors: Cors = {
    allowCredentials: change.allowCredentials ?? old?.allowCredentials,
    allowHeaders: filled(change.allowHeaders ?? old?.allowHeaders),
    allowMethods: filled(change.allowMethods ?? old?.allowMethods),
    allowOrigins: filled(change.allowOrigins ?? old?.allowOrigins),
    exposeHeaders: filled(change.exposeHeaders ?? old?.exposeHeaders),
    maxAge: change.maxAge ?? old?.maxAge,
  };
  for (const origin of cors.allowOrigins ?? []) {
    if (!ORIGIN.test(origin)) throw badRequest(`Invalid format for origin ${origin}`);
  }
  if (cors.allowCredentials && cors.allowOrigins?.includes("*")) {
    throw badRequest("allow-credentials is not supported if 'allow-origin' is *");
  }
  return Object.values(cors).every((member) => member === undefined) ? undefined : cors;
}

function filled(list: readonly string[] | undefined): readonly string[] | undefined {
  return list?.length === 0 ? undefined : list;
}
