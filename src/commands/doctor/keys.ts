import type { Aws } from "../../aws/clients.ts";
import { type KeyState, lookForParameter, lookForSecret } from "../../aws/secret-stores.ts";
import { keysIn, type SecretReference } from "../../config/secrets.ts";
import { builtinPart } from "../../config/source.ts";
import type { Gateway } from "../../config.ts";
import type { GatewayError } from "../../errors.ts";
import { missingVariables } from "../preflight.ts";
import { broken, type Finding, ok, unknown } from "./finding.ts";

const NAME = "keys";

/** How the AWS command line reaches what the gateway reaches. */
export interface AwsCommandLine {
  /** `aws`, with variables before it where needed. */
  readonly program: string;
  /** Flags for region and profile. */
  readonly place: string;
}

type Stored = SecretReference & { readonly source: "ssm" | "secretsmanager" };

/** The keys that the function finds in its environment: all that are missing. */
export function environmentKeys(gateway: Gateway): Finding[] {
  const missing = missingVariables(gateway);
  if (missing.length > 0) return missing.map((error) => broken(NAME, error));
  const names = keysOf(gateway).flatMap(({ source, name }) => (source === "env" ? [name] : []));
  return names.length === 0 ? [] : [ok(NAME, `the function's environment has ${names.join(", ")}`)];
}

/**
 * The keys that the function reads from a store, one finding each.
 * @param aws undefined: they cannot be looked for, for the reason of `obstacle`
 * @param cli for the commands that put missing ones there
 */
export async function storedKeys(
  gateway: Gateway,
  { aws, obstacle = "" }: { readonly aws?: Aws; readonly obstacle?: string },
  cli: AwsCommandLine,
  explain: (error: unknown) => GatewayError,
): Promise<Finding[]> {
  const stored = keysOf(gateway).filter((key): key is Stored => key.source !== "env");
  return Promise.all(
    stored.map(async (key) => {
      const name = `${key.source}:${key.name}`;
      if (aws === undefined) return unknown(NAME, `not looked for ${name}: ${obstacle}`);
      try {
        return finding(key, gateway.region, await look(aws, key), cli);
      } catch (error) {
        const cure = "Whether the function gets it shows when it is called.";
        return unknown(NAME, `not known whether ${name} exists: ${explain(error).message}`, cure);
      }
    }),
  );
}

function keysOf({ function: { source } }: Gateway): SecretReference[] {
  const keys = keysIn(builtinPart(source)?.models ?? {}).map(({ key }) => key);
  return [...new Map(keys.map((key) => [`${key.source}:${key.name}`, key])).values()];
}

function look(aws: Aws, { source, name }: Stored): Promise<KeyState> {
  return source === "ssm" ? lookForParameter(aws, name) : lookForSecret(aws, name);
}

function finding(
  { source, name }: Stored,
  region: string,
  state: KeyState,
  { program, place }: AwsCommandLine,
): Finding {
  const secret = `${place} --secret-id ${name}`;
  switch (state) {
    case "there":
      return ok(NAME, `${source}:${name} exists`);
    case "missing": {
      const command =
        source === "ssm"
          ? `${program} ssm put-parameter ${place} --name ${name} --type SecureString --value ...`
          : `${program} secretsmanager create-secret ${place} --name ${name} --secret-string ...`;
      const hint = name.startsWith("arn:") ? "Correct its ARN, or name it without." : `Put the key there: ${command}`;
      return broken(NAME, { message: `${source}:${name} does not exist in ${region}`, hint });
    }
    case "empty": {
      const hint = `Put the key there: ${program} secretsmanager put-secret-value ${secret} --secret-string ...`;
      return broken(NAME, { message: `${source}:${name} has no value`, hint });
    }
    case "deleted": {
      const hint = `Take it back: ${program} secretsmanager restore-secret ${secret}`;
      return broken(NAME, { message: `${source}:${name} is marked for deletion`, hint });
    }
  }
}
