import { AwsError } from "../aws-error.ts";
import { functionOfToken } from "../credentials.ts";
import type { HttpRequest } from "../http.ts";
import { permits } from "../services/iam-documents.ts";
import { documentsOf } from "../services/iam-managed-policies.ts";
import { roleOfArn } from "../services/iam-roles.ts";
import type { Account } from "../store/account.ts";
import type { Call, Service } from "../wire/service.ts";

/**
 * Refuses what the policies of a calling function's role do not allow, where the service says what a call needs.
 * Every other caller is the account's root user. Conditions count as fulfilled.
 */
export function authorize(account: Account, service: Service, call: Call, request: HttpRequest): void {
  const caller = functionOfToken(request.headers["x-amz-security-token"]);
  const needed = caller && service.permission?.(account, call);
  if (caller === undefined || needed === undefined) return;
  const role = roleOfArn(account, caller.roleArn);
  const { action, resources, deniedStatus } = needed;
  const resource = resources.find((arn) => role === undefined || !permits(documentsOf(role), action, arn));
  if (resource === undefined) return;
  const session = `assumed-role/${caller.roleArn.split("/").at(-1)}/${caller.functionName}`;
  throw new AwsError(
    "AccessDeniedException",
    deniedStatus,
    `User: arn:aws:sts::${account.accountId}:${session} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
  );
}
