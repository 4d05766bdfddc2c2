import { randomUUID } from "node:crypto";
import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { Account } from "../store/account.ts";
import type { Secret } from "../store/secrets.ts";
import { json11Wire } from "../wire/json-1-1.ts";
import { operationsOf, type Service } from "../wire/service.ts";

const operation = operationsOf("Secrets Manager", "ValidationException");

/** Days, at least, at most and unless given [Secrets Manager: DeleteSecret]. */
const RECOVERY = { least: 7, most: 30 };
const DAY_MS = 86_400_000;

const secretId = z.string().min(1).max(2048);
const token = z.string().min(32).max(64).optional();
const value = {
  SecretString: z.string().min(1).max(65_536).optional(),
  /** base64 */
  SecretBinary: z.base64().min(1).optional(),
};

interface Given {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: string | undefined;
}

const operations = new Map([
  [
    "CreateSecret",
    operation(
      z.strictObject({ Name: z.string().min(1).max(512), ClientRequestToken: token, ...value }),
      (account, { Name, ClientRequestToken, ...given }) => {
        if (!/^[\w/+=.@!-]+$/.test(Name)) {
          const message =
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
          throw new AwsError("ValidationException", 400, message);
        }
        const old = account.secrets.get(Name);
        if (old?.deletesAt !== undefined) {
          const message =
            "You can't create this secret because a secret with this name is already scheduled for deletion.";
          throw new AwsError("InvalidRequestException", 400, message);
        }
        if (old !== undefined && !isRepeated(old, ClientRequestToken, given)) {
          throw exists(`The operation failed because the secret ${Name} already exists.`);
        }
        const arn = `${arnPrefix(account)}${Name}-${randomUUID().slice(0, 6)}`;
        const secret = old ?? { name: Name, arn, current: undefined, deletesAt: undefined };
        account.secrets.set(Name, secret);
        if (given.SecretString !== undefined || given.SecretBinary !== undefined) {
          putValue(secret, ClientRequestToken, given);
        }
        return { ARN: secret.arn, Name, ...(secret.current && { VersionId: secret.current.versionId }) };
      },
    ),
  ],
  [
    "PutSecretValue",
    operation(
      z.strictObject({ SecretId: secretId, ClientRequestToken: token, ...value }),
      (account, { SecretId, ClientRequestToken, ...given }) => {
        const secret = find(account, SecretId);
        const isInUse = secret.current !== undefined && secret.current.versionId === ClientRequestToken;
        if (isInUse && !isRepeated(secret, ClientRequestToken, given)) {
          throw exists("A resource with the ID you requested already exists.");
        }
        const versionId = putValue(secret, ClientRequestToken, given);
        return { ARN: secret.arn, Name: secret.name, VersionId: versionId, VersionStages: ["AWSCURRENT"] };
      },
    ),
  ],
  [
    "GetSecretValue",
    operation(z.strictObject({ SecretId: secretId }), (account, input) => {
      const { arn, name, current } = find(account, input.SecretId);
      if (current === undefined) {
        throw notFound("Secrets Manager can't find the specified secret value for staging label: AWSCURRENT");
      }
      const { versionId, createdAt, text, bytes } = current;
      return {
        ARN: arn,
        Name: name,
        VersionId: versionId,
        ...(text === undefined ? { SecretBinary: bytes } : { SecretString: text }),
        VersionStages: ["AWSCURRENT"],
        CreatedDate: createdAt.getTime() / 1000,
      };
    }),
  ],
  [
    "DescribeSecret",
    operation(z.strictObject({ SecretId: secretId }), (account, input) => {
      const secret = lookUp(account, input.SecretId);
      if (secret === undefined) throw missing();
      const { arn, name, current, deletesAt } = secret;
      return {
        ARN: arn,
        Name: name,
        ...(current && { VersionIdsToStages: { [current.versionId]: ["AWSCURRENT"] } }),
        ...(deletesAt && { DeletedDate: deletesAt.getTime() / 1000 }),
      };
    }),
  ],
  [
    "DeleteSecret",
    operation(
      z.strictObject({
        SecretId: secretId,
        RecoveryWindowInDays: z.number().int().optional(),
        ForceDeleteWithoutRecovery: z.boolean().default(false),
      }),
      (account, { SecretId, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: isForced }) => {
        if (isForced && days !== undefined) {
          throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
        }
        if (days !== undefined && (days < RECOVERY.least || days > RECOVERY.most)) {
          throw invalidParameter(
            `The RecoveryWindowInDays value must be between ${RECOVERY.least} and ${RECOVERY.most} days (inclusive).`,
          );
        }
        const secret = find(account, SecretId);
        const deletesAt = new Date(Date.now() + (isForced ? 0 : (days ?? RECOVERY.most) * DAY_MS));
        if (isForced) account.secrets.delete(secret.name);
        else secret.deletesAt = deletesAt;
        return { ARN: secret.arn, Name: secret.name, DeletionDate: deletesAt.getTime() / 1000 };
      },
    ),
  ],
]);

/** Secrets Manager: what keeps keys for functions. */
export const secretsmanager: Service = {
  name: "secretsmanager",
  operations,
  wire: json11Wire({ targetPrefix: "secretsmanager" }),
  permission(account, { operation: action, input }) {
    const id: unknown = typeof input === "object" && input !== null ? Reflect.get(input, "SecretId") : undefined;
    const given = String(id);
    const resource =
      lookUp(account, given)?.arn ?? (given.startsWith("arn:") ? given : `${arnPrefix(account)}${given}`);
    return { action: `secretsmanager:${action}`, resources: [resource], deniedStatus: 400 };
  },
};

function arnPrefix({ region, accountId }: Account): string {
  return `arn:aws:secretsmanager:${region}:${accountId}:secret:`;
}

/** By name or by ARN. */
function lookUp(account: Account, id: string): Secret | undefined {
  if (!id.startsWith("arn:")) return account.secrets.get(id);
  return [...account.secrets.values()].find(({ arn }) => arn === id);
}

function find(account: Account, id: string): Secret {
  const secret = lookUp(account, id);
  if (secret === undefined) throw missing();
  if (secret.deletesAt !== undefined) {
    const message = "You can't perform this operation on the secret because it was marked for deletion.";
    throw new AwsError("InvalidRequestException", 400, message);
  }
  return secret;
}

/** Makes a new version the current one; its id. */
function putValue(
  secret: Secret,
  versionId: string = randomUUID(),
  { SecretString: text, SecretBinary: bytes }: Given,
) {
  if ((text === undefined) === (bytes === undefined)) {
    throw invalidParameter("You must provide either SecretString or SecretBinary.");
  }
  secret.current = { versionId, createdAt: new Date(), text, bytes };
  return versionId;
}

/** The same call once more: the SDKs send a token with each, and the same one when they retry. */
function isRepeated({ current }: Secret, versionId: string | undefined, given: Given): boolean {
  if (current === undefined || current.versionId !== versionId) return false;
  return current.text === given.SecretString && current.bytes === given.SecretBinary;
}

function missing(): AwsError {
  return notFound("Secrets Manager can't find the specified secret.");
}

function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", 400, message);
}

function exists(message: string): AwsError {
  return new AwsError("ResourceExistsException", 400, message);
}

function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", 400, message);
}
