import * as z from "zod";
import type { Cors } from "../store/apigatewayv2.ts";
import { badRequest } from "./apigatewayv2-model.ts";
import { configuredCors, corsFault, corsHeader } from "./cors-rules.ts";

export const corsConfiguration = z.strictObject({
  allowCredentials: z.boolean().optional(),
  allowHeaders: z.array(corsHeader).optional(),
  allowMethods: z.array(z.enum(["*", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])).optional(),
  allowOrigins: z.array(z.string()).optional(),
  exposeHeaders: z.array(corsHeader).optional(),
  /** Seconds; -1: browsers keep nothing. */
  maxAge: z.number().int().min(-1).max(86_400).optional(),
});

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
    allowHeaders: change.allowHeaders ?? old?.allowHeaders,
    allowMethods: change.allowMethods ?? old?.allowMethods,
    allowOrigins: change.allowOrigins ?? old?.allowOrigins,
    exposeHeaders: change.exposeHeaders ?? old?.exposeHeaders,
    maxAge: change.maxAge ?? old?.maxAge,
  };
  const fault = corsFault(cors);
  if (fault !== undefined) throw badRequest(fault);
  return configuredCors(cors);
}
