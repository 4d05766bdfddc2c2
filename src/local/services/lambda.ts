import { type RestRoute, restJsonWire } from "../wire/rest-json.ts";
import type { Service } from "../wire/service.ts";
import { functionOperations } from "./lambda-functions.ts";
import { invokeOperations } from "./lambda-invoke.ts";
import { policyOperations } from "./lambda-policy.ts";
import { tagOperations } from "./lambda-tags.ts";

const functions = "/2015-03-31/functions";
const one = `${functions}/{FunctionName}`;
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
  { operation: "TagResource", method: "POST", path: tags, status: 204 },
  { operation: "UntagResource", method: "DELETE", path: tags, status: 204 },
  { operation: "ListTags", method: "GET", path: tags, status: 200 },
];

export const lambda: Service = {
  name: "lambda",
  operations: new Map(
    Object.entries({ ...functionOperations, ...policyOperations, ...tagOperations, ...invokeOperations }),
  ),
  wire: restJsonWire({ service: "Lambda", routes, invalidCode: "ValidationException", errorBody }),
};

/** Lambda spells the message in upper case for a missing resource and in lower case elsewhere. */
function errorBody(error: { readonly code: string; readonly status: number; readonly message: string }): object {
  if (error.code === "ValidationException") return { message: error.message };
  const Type = error.status >= 500 ? "Service" : "User";
  return error.code === "ResourceNotFoundException"
    ? { Type, Message: error.message }
    : { Type, message: error.message };
}
