import type { AwsError } from "../aws-error.ts";
import { RETRY_AFTER } from "../metered-runtime.ts";
import { type RestRoute, restJsonWire } from "../wire/rest-json.ts";
import type { Service } from "../wire/service.ts";
import { aliasOperations } from "./lambda-aliases.ts";
import { concurrencyOperations } from "./lambda-concurrency.ts";
import { functionOperations } from "./lambda-functions.ts";
import { invokeOperations } from "./lambda-invoke.ts";
import { policyOperations } from "./lambda-policy.ts";
import { tagOperations } from "./lambda-tags.ts";
import { NAMED_ONLY } from "./lambda-unimplemented.ts";
import { urlOperations } from "./lambda-urls.ts";
import { versionOperations } from "./lambda-versions.ts";

const functions = "/2015-03-31/functions";
const one = `${functions}/{FunctionName}`;
const concurrency = "/functions/{FunctionName}/concurrency";
const alias = `${one}/aliases/{Name}`;
const url = "/2021-10-31/functions/{FunctionName}/url";
const tags = "/2017-03-31/tags/{Resource}";

const routes: readonly RestRoute[] = [
  { operation: "CreateFunction", method: "POST", path: functions, status: 201 },
  { operation: "ListFunctions", method: "GET", path: functions, status: 200 },
  { operation: "GetFunction", method: "GET", path: one, status: 200 },
  { operation: "DeleteFunction", method: "DELETE", path: one, status: 204 },
  { operation: "GetFunctionConfiguration", method: "GET", path: `${one}/configuration`, status: 200 },
  { operation: "UpdateFunctionConfiguration", method: "PUT", path: `${one}/configuration`, status: 200 },
  { operation: "UpdateFunctionCode", method: "PUT", path: `${one}/code`, status: 200 },
  { operation: "Invoke", method: "POST", path: `${one}/invocations`, status: 200, rawBody: true },
  { operation: "AddPermission", method: "POST", path: `${one}/policy`, status: 201 },
  { operation: "GetPolicy", method: "GET", path: `${one}/policy`, status: 200 },
  { operation: "RemovePermission", method: "DELETE", path: `${one}/policy/{StatementId}`, status: 204 },
  { operation: "PublishVersion", method: "POST", path: `${one}/versions`, status: 201 },
  { operation: "ListVersionsByFunction", method: "GET", path: `${one}/versions`, status: 200 },
  { operation: "CreateAlias", method: "POST", path: `${one}/aliases`, status: 201 },
  { operation: "ListAliases", method: "GET", path: `${one}/aliases`, status: 200 },
  { operation: "GetAlias", method: "GET", path: alias, status: 200 },
  { operation: "UpdateAlias", method: "PUT", path: alias, status: 200 },
  { operation: "DeleteAlias", method: "DELETE", path: alias, status: 204 },
  { operation: "PutFunctionConcurrency", method: "PUT", path: `/2017-10-31${concurrency}`, status: 200 },
  { operation: "DeleteFunctionConcurrency", method: "DELETE", path: `/2017-10-31${concurrency}`, status: 204 },
  { operation: "GetFunctionConcurrency", method: "GET", path: `/2019-09-30${concurrency}`, status: 200 },
  { operation: "GetAccountSettings", method: "GET", path: "/2016-08-19/account-settings", status: 200 },
  { operation: "CreateFunctionUrlConfig", method: "POST", path: url, status: 201 },
  { operation: "GetFunctionUrlConfig", method: "GET", path: url, status: 200 },
  { operation: "UpdateFunctionUrlConfig", method: "PUT", path: url, status: 200 },
  { operation: "DeleteFunctionUrlConfig", method: "DELETE", path: url, status: 204 },
  { operation: "ListFunctionUrlConfigs", method: "GET", path: `${url}s`, status: 200 },
  {
    operation: "InvokeWithResponseStream",
    method: "POST",
    path: "/2021-11-15/functions/{FunctionName}/response-streaming-invocations",
    status: 200,
    rawBody: true,
  },
  { operation: "TagResource", method: "POST", path: tags, status: 204 },
  { operation: "UntagResource", method: "DELETE", path: tags, status: 204 },
  { operation: "ListTags", method: "GET", path: tags, status: 200 },
  {
    operation: "GetFunctionCodeSigningConfig",
    method: "GET",
    path: "/2020-06-30/functions/{FunctionName}/code-signing-config",
    status: 200,
  },
  ...NAMED_ONLY.map(([method, path, operation]) => ({ operation, method, path, status: 501 })),
];

export const lambda: Service = {
  name: "lambda",
  operations: new Map(
    Object.entries({
      ...functionOperations,
      ...versionOperations,
      ...aliasOperations,
      ...policyOperations,
      ...concurrencyOperations,
      ...urlOperations,
      ...tagOperations,
      ...invokeOperations,
    }),
  ),
  wire: restJsonWire({
    service: "Lambda",
    routes,
    invalidCode: "ValidationException",
    errorBody,
    throttleHeaders: RETRY_AFTER,
  }),
};

/** Lambda spells the message in upper case for a missing resource and in lower case elsewhere. */
function errorBody({ code, status, message, members }: AwsError): object {
  if (code === "ValidationException") return { message };
  const Type = status >= 500 ? "Service" : "User";
  return code === "ResourceNotFoundException" ? { Type, Message: message } : { Type, message, ...members };
}
