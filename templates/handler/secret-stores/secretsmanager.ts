import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const client = new SecretsManagerClient();

/** The current text of a secret of Secrets Manager, by name or ARN; undefined when it holds bytes. */
export async function fetchSecret(name: string, signal: AbortSignal): Promise<string | undefined> {
  return (await client.send(new GetSecretValueCommand({ SecretId: name }), { abortSignal: signal })).SecretString;
}
