import { verifySignature } from "../sigv4.ts";
import { type Authorization, forbidden } from "./authorization.ts";
import type { Exchange } from "./exchange.ts";

/**
 * AWS_IAM: the request is signed, in its headers or in its query, for execute-api in this Region with a key of this account
 * [aws 5.8]. Every key may call every route: policies of callers are not evaluated.
 */
export async function authorizeIam({ request, account }: Exchange): Promise<Authorization> {
  const check = await verifySignature(request, (accessKeyId) => account.secretAccessKey(accessKeyId));
  if (!check.ok) {
    return forbidden(`The request's signature was refused: ${check.reason}`);
  }
  if (check.service !== "execute-api" || check.region !== account.region) {
    return forbidden(`The request is signed for ${check.service} in ${check.region}.`);
  }
  return { allowed: true, caller: { kind: "iam", accessKeyId: check.accessKeyId } };
}

/** The caller as requestContext.authorizer.iam names it. */
export function callerContext(accountId: string, accessKey: string): object {
  return {
    accessKey,
    accountId,
    callerId: accountId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: userArn(accountId),
    userId: accountId,
  };
}

/** Every key of the local account acts as its root user. */
export function userArn(accountId: string): string {
  return `arn:aws:iam::${accountId}:root`;
}
