// Values that nobody but AWS may ever be told, and where they must not turn up.

/** In the function's environment, before and after a change of the configuration. */
export const ENVIRONMENT_SECRET = "canary-environment-5d2c71";
export const CHANGED_SECRET = "canary-changed-9b04e8";
/** The key of an upstream server, given by name on the command line. */
export const UPSTREAM_KEY = "canary-upstream-key-3f6a20";
/** Part of an upstream's URL in the configuration of models. */
export const MODEL_SECRET = "canary-model-c8e117";
/** In the environment of somebody else's function that is taken over. */
export const FOREIGN_SECRET = "canary-foreign-a47f93";

const SECRETS = { ENVIRONMENT_SECRET, CHANGED_SECRET, UPSTREAM_KEY, MODEL_SECRET, FOREIGN_SECRET };

/** Names of the secrets in these texts, and of the text each was found in. */
export function secretsIn(texts: Readonly<Record<string, string>>): string[] {
  return Object.entries(texts).flatMap(([where, text]) =>
    Object.entries(SECRETS).flatMap(([name, secret]) => (text.includes(secret) ? [`${name} in ${where}`] : [])),
  );
}

/** What an error of AWS may repeat of a request: all of the environment [aws 4.3]. */
export const REPEATED = `the request had ${JSON.stringify({
  MATRIX_SECRET: ENVIRONMENT_SECRET,
  OPENAI_API_KEY: UPSTREAM_KEY,
})}`;
