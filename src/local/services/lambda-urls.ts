import { randomBytes } from "node:crypto";
import * as z from "zod";
import type { Account } from "../store/account.ts";
import type { Cors } from "../store/apigatewayv2.ts";
import type { FunctionUrl } from "../store/lambda.ts";
import { textInteger } from "../wire/validation.ts";
import { configuredCors, corsFault, corsHeader } from "./cors-rules.ts";
import {
  conflict,
  functionReference,
  invalidParameter,
  listing,
  notFound,
  operation,
  type Reference,
  resolveFunction,
} from "./lambda-model.ts";
import { qualifiedArn } from "./lambda-qualifiers.ts";

/** A URL belongs to the function or to an alias, never to a number or `$LATEST` [aws 4.12]. */
const Qualifier = z
  .string()
  .min(1)
  .max(128)
  .regex(/^((?!^\d+$)^[0-9a-zA-Z-_]+$)$/)
  .optional();
const FunctionName = functionReference.regex(/^(?!.*:(\d+|\$LATEST)$).*$/);
const target = { FunctionName, Qualifier };

const headerList = z.array(corsHeader.max(1024)).max(100).optional();
const methods = z.enum(["GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*"]);
const settings = {
  AuthType: z.enum(["NONE", "AWS_IAM"]),
  InvokeMode: z.enum(["BUFFERED", "RESPONSE_STREAM"]).optional(),
  Cors: z
    .strictObject({
      AllowCredentials: z.boolean().optional(),
      AllowHeaders: headerList,
      // Too short for OPTIONS: preflights never reach the function.
      AllowMethods: z.array(z.string().max(6).pipe(methods)).max(6).optional(),
      AllowOrigins: z.array(z.string().min(1).max(253)).max(100).optional(),
      ExposeHeaders: headerList,
      MaxAge: z.number().int().min(0).max(86_400).optional(),
    })
    .optional(),
};
type CorsInput = NonNullable<z.output<typeof settings.Cors>>;

export const urlOperations = {
  CreateFunctionUrlConfig: operation(z.strictObject({ ...target, ...settings }), (account, input) => {
    const { fn, arn, alias } = findTarget(account, input);
    if (fn === undefined || (alias !== "" && !fn.aliases.has(alias))) throw noFunction();
    if (fn.urls.has(alias)) {
      throw conflict(
        `Failed to create function url config for [functionArn = ${arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
      );
    }
    const cors = input.Cors && corsOf(input.Cors);
    const now = new Date();
    const url: FunctionUrl = {
      id: randomBytes(16).toString("hex"),
      functionArn: arn,
      createdAt: now,
      modifiedAt: now,
      authType: input.AuthType,
      invokeMode: input.InvokeMode ?? "BUFFERED",
      cors,
    };
    fn.urls.set(alias, url);
    return { ...urlOut(account, url), LastModifiedTime: undefined };
  }),

  GetFunctionUrlConfig: operation(z.strictObject(target), (account, input) => urlOut(account, findUrl(account, input))),

  UpdateFunctionUrlConfig: operation(
    z.strictObject({ ...target, ...settings, AuthType: settings.AuthType.optional() }),
    (account, input) => {
      const { fn, alias } = findTarget(account, input);
      if (fn === undefined || (alias !== "" && !fn.aliases.has(alias))) throw noFunction();
      const url = findUrl(account, input);
      // [aws 4.12] what is left out keeps its value; a Cors is replaced whole.
      const cors = input.Cors === undefined ? url.cors : corsOf(input.Cors);
      url.authType = input.AuthType ?? url.authType;
      url.invokeMode = input.InvokeMode ?? url.invokeMode;
      url.cors = cors;
      url.modifiedAt = new Date();
      return urlOut(account, url);
    },
  ),

  DeleteFunctionUrlConfig: operation(z.strictObject(target), (account, input) => {
    findUrl(account, input);
    const { fn, alias } = findTarget(account, input);
    fn?.urls.delete(alias);
  }),

  ListFunctionUrlConfigs: operation(
    z.strictObject({ FunctionName, Marker: z.string().min(1).optional(), MaxItems: textInteger(1, 50).optional() }),
    (account, input) => {
      const { fn } = findTarget(account, input);
      if (fn === undefined) throw noFunction();
      const { items, next } = listing(account, fn.urls.values(), (url) => url.functionArn, input);
      return { FunctionUrlConfigs: items.map((url) => urlOut(account, url)), NextMarker: next };
    },
  ),
};

/** The function and the alias a URL belongs to; "" for the function itself. */
function findTarget(account: Account, reference: Reference) {
  const { name, arn, qualifier } = resolveFunction(account, reference);
  return { fn: account.functions.get(name), arn: qualifiedArn(arn, qualifier), alias: qualifier ?? "" };
}

function findUrl(account: Account, reference: Reference): FunctionUrl {
  const { fn, alias } = findTarget(account, reference);
  const url = fn?.urls.get(alias);
  if (url === undefined) throw notFound("The resource you requested does not exist.");
  return url;
}

function noFunction() {
  return notFound("Function does not exist");
}

function corsOf(input: CorsInput): FunctionUrl["cors"] {
  const cors: Cors = {
    allowCredentials: input.AllowCredentials,
    allowHeaders: input.AllowHeaders,
    allowMethods: input.AllowMethods,
    allowOrigins: input.AllowOrigins,
    exposeHeaders: input.ExposeHeaders,
    maxAge: input.MaxAge,
  };
  const fault = corsFault(cors);
  if (fault !== undefined) throw invalidParameter(fault);
  return configuredCors(cors);
}

function urlOut(account: Account, url: FunctionUrl) {
  const { cors } = url;
  return {
    // [aws 4.12] a host of its own on AWS; here a path of the one address there is.
    FunctionUrl: `${account.url}/lambda-url/${url.id}/`,
    FunctionArn: url.functionArn,
    AuthType: url.authType,
    Cors: cors && {
      AllowCredentials: cors.allowCredentials,
      AllowHeaders: cors.allowHeaders,
      AllowMethods: cors.allowMethods,
      AllowOrigins: cors.allowOrigins,
      ExposeHeaders: cors.exposeHeaders,
      MaxAge: cors.maxAge,
    },
    CreationTime: url.createdAt.toISOString(),
    LastModifiedTime: url.modifiedAt.toISOString(),
    InvokeMode: url.invokeMode,
  };
}
