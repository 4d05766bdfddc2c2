/** The one access key the local account knows. It guards nothing: the server listens on the loopback only. */
export const LOCAL_ACCESS_KEY_ID = "LLMGWLOCALAWS0000000";
export const LOCAL_SECRET_ACCESS_KEY = "local-aws-is-not-a-secret";
/** The user whose key it is. */
export const LOCAL_USER_NAME = "llm-gw-local";
/** What functions are given; a temporary key, as a role has. */
export const FUNCTION_ACCESS_KEY_ID = "ASIALOCALFUNCTION000";
export const FUNCTION_SECRET_ACCESS_KEY = "local-function-secret";
export const FUNCTION_SESSION_TOKEN = "local-function-token";
/** The account id of the local AWS: no real account has it. */
export const LOCAL_ACCOUNT_ID = "000000000000";

const SECRETS: ReadonlyMap<string, string> = new Map([
  [LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY],
  [FUNCTION_ACCESS_KEY_ID, FUNCTION_SECRET_ACCESS_KEY],
]);

/** The secret of an access key the account knows. */
export function secretOf(accessKeyId: string): string | undefined {
  return SECRETS.get(accessKeyId);
}
