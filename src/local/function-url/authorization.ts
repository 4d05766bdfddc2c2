import { secretOf } from "../credentials.ts";
import { callerContext } from "../data-plane/iam.ts";
import { allows, type Caller } from "../function-policy.ts";
import type { HttpRequest } from "../http.ts";
import { permittedOf, type Qualified } from "../services/lambda-qualifiers.ts";
import { verifySignature } from "../sigv4.ts";
import type { Account } from "../store/account.ts";
import type { FunctionUrl } from "../store/lambda.ts";

/** `authorizer` becomes requestContext.authorizer of the event. */
export type UrlAuthorization =
  | { readonly allowed: true; readonly authorizer: object | undefined }
  | { readonly allowed: false };

/** Whether a request may call the function of a URL [aws 4.12]. */
export async function authorize(
  account: Account,
  url: FunctionUrl,
  found: Qualified,
  request: HttpRequest,
): Promise<UrlAuthorization> {
  if (url.authType === "NONE") return isPublic(found) ? { allowed: true, authorizer: undefined } : { allowed: false };
  const check = await verifySignature(request, secretOf);
  if (!check.ok || check.service !== "lambda" || check.region !== account.region) return { allowed: false };
  // Every key acts as the account's root user, who may call every function of it whatever the function's policy says.
  return { allowed: true, authorizer: { iam: callerContext(account.accountId, check.accessKeyId) } };
}

/** Both halves of a public URL: since October 2025 the one to call the URL is not enough [aws 4.12]. */
function isPublic(found: Qualified): boolean {
  const { policy } = permittedOf(found);
  const callers: Caller[] = [
    { action: "lambda:InvokeFunctionUrl", service: undefined, context: { "lambda:functionurlauthtype": "NONE" } },
    { action: "lambda:InvokeFunction", service: undefined, context: { "lambda:invokedviafunctionurl": "true" } },
  ];
  return callers.every((caller) => policy.some((statement) => allows(statement, caller)));
}
