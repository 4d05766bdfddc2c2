/** The one access key the local account knows. It guards nothing: the server listens on the loopback only. */
export const LOCAL_ACCESS_KEY_ID = "LLMGWLOCALAWS0000000";
export const LOCAL_SECRET_ACCESS_KEY = "local-aws-is-not-a-secret";
/** What functions sign their own calls with. */
const FUNCTION_ACCESS_KEY_ID = "ASIALOCALFUNCTION000";
const FUNCTION_SECRET_ACCESS_KEY = "local-function-secret";
/** The account id of the local AWS: no real account has it. */
export const LOCAL_ACCOUNT_ID = "000000000000";

/** The secret of an access key of the local account; undefined when it has no such key. */
export function localSecretOf(accessKeyId: string): string | undefined {
  switch (accessKeyId) {
    case LOCAL_ACCESS_KEY_ID:
      return LOCAL_SECRET_ACCESS_KEY;
    case FUNCTION_ACCESS_KEY_ID:
      return FUNCTION_SECRET_ACCESS_KEY;
    default:
      return undefined;
  }
}
