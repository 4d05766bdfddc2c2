import type { Environment } from "./backends/backend.ts";
import { ApiError } from "./errors.ts";

/** Where a key is kept. */
export interface SecretReference {
  readonly source: "ssm" | "secretsmanager" | "env";
  readonly name: string;
}

export interface Secrets {
  /** The secret's value. Rejects with an `ApiError` that names neither the secret nor its value. */
  read(reference: SecretReference, signal?: AbortSignal): Promise<string>;
}

/** Reads the keys that models.json refers to. */
export function createSecrets(env: Environment, _now: () => number): Secrets {
  return {
    async read({ source, name }) {
      const value = source === "env" ? env[name] : undefined;
      if (value) return value;
      throw new ApiError(500, "bad_configuration", "The key of the model's upstream cannot be read.", {
        reason: `no ${source}:${name}`,
      });
    },
  };
}
