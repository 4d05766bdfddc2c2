// Looks for the keys that the function is to read. Only what describes them is asked for, never a key.
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { paginateDescribeParameters, SSMClient } from "@aws-sdk/client-ssm";
import type { Aws } from "./clients.ts";
import { unlessMissing } from "./failures.ts";

/** missing: nothing has the name. empty: no key has been put there. deleted: it is marked for deletion and cannot be read. */
export type KeyState = "there" | "missing" | "empty" | "deleted";

/** Whether a parameter of Systems Manager exists. */
export async function lookForParameter(aws: Pick<Aws, "further">, name: string): Promise<KeyState> {
  const client = aws.further("ssm", (config) => new SSMClient(config));
  const query = { ParameterFilters: [{ Key: "Name", Option: "Equals", Values: [name] }] };
  // A page may be empty though the next one is not [SSM: DescribeParameters].
  for await (const { Parameters = [] } of paginateDescribeParameters({ client }, query)) {
    if (Parameters.length > 0) return "there";
  }
  return "missing";
}

/** Whether a secret of Secrets Manager exists and has a value. */
export async function lookForSecret(aws: Pick<Aws, "further">, SecretId: string): Promise<KeyState> {
  const client = aws.further("secretsmanager", (config) => new SecretsManagerClient(config));
  const found = await unlessMissing(client.send(new DescribeSecretCommand({ SecretId })));
  if (found === undefined) return "missing";
  if (found.DeletedDate !== undefined) return "deleted";
  const stages = Object.values(found.VersionIdsToStages ?? {}).flat();
  return stages.includes("AWSCURRENT") ? "there" : "empty";
}
