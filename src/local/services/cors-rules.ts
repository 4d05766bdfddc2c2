import * as z from "zod";
import type { Cors } from "../store/apigatewayv2.ts";

/** A header's name, or `*`: both are answered to browsers as they are. */
export const corsHeader = z
  .string()
  .min(1)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);

/** All origins, all of one scheme, or one. No path, no other scheme, and no wildcard inside a name (unconfirmed). */
const ORIGIN = /^(\*|https?:\/\/(\*|[a-z0-9._:[\]-]+))$/i;

/** Why AWS does not take a configuration, of an HTTP API or (unconfirmed) a function URL; undefined: it does. */
export function corsFault({ allowOrigins = [], allowCredentials }: Cors): string | undefined {
  const invalid = allowOrigins.find((origin) => !ORIGIN.test(origin));
  if (invalid !== undefined) return `Invalid format for origin ${invalid}`;
  return allowCredentials && allowOrigins.includes("*")
    ? "allow-credentials is not supported if 'allow-origin' is *"
    : undefined;
}

/** Without empty lists; undefined when nothing is left, which is as good as no configuration (unconfirmed). */
export function configuredCors(cors: Cors): Cors | undefined {
  const filled: Cors = {
    ...cors,
    allowHeaders: filledList(cors.allowHeaders),
    allowMethods: filledList(cors.allowMethods),
    allowOrigins: filledList(cors.allowOrigins),
    exposeHeaders: filledList(cors.exposeHeaders),
  };
  return Object.values(filled).every((member) => member === undefined) ? undefined : filled;
}

function filledList(list: readonly string[] | undefined): readonly string[] | undefined {
  return list?.length === 0 ? undefined : list;
}
