import type { HttpRequest, HttpResponse } from "../http.ts";
import { verifySignature } from "../sigv4.ts";
import type { DataPlaneAccount } from "./account.ts";
import { gatewayMessage } from "./gateway-message.ts";

export type Authorization =
  /** `context` becomes requestContext.authorizer of the event. */
  { readonly allowed: true; readonly context?: object } | { readonly allowed: false; readonly response: HttpResponse };

/** AWS_IAM: the request is signed for execute-api in this region with a key of this account [aws 5.8]. */
export async function authorizeIam(request: HttpRequest, account: DataPlaneAccount): Promise<Authorization> {
  const check = await verifySignature(request, (accessKeyId) => account.secretAccessKey(accessKeyId));
  if (!check.ok || check.service !== "execute-api" || check.region !== account.region) {
    return { allowed: false, response: gatewayMessage(403, "Forbidden") };
  }
  return { allowed: true, context: { iam: callerContext(account.accountId, check.accessKeyId) } };
}

/** The caller as requestContext.authorizer.iam names it: every key of the local account acts as its root user. */
export function callerContext(accountId: string, accessKey: string): object {
  return {
    accessKey,
    accountId,
    callerId: accountId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: `arn:aws:iam::${accountId}:root`,
    userId: accountId,
  };
}
