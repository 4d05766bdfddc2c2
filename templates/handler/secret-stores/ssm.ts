import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

const client = new SSMClient();

/** The value of a parameter of Systems Manager, decrypted when it is a SecureString. */
export async function fetchSecret(name: string, signal: AbortSignal): Promise<string | undefined> {
  const command = new GetParameterCommand({ Name: name, WithDecryption: true });
  return (await client.send(command, { abortSignal: signal })).Parameter?.Value;
}
