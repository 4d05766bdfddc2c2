/** The one access key the local account knows. It guards nothing: the server listens on the loopback only. */
export const LOCAL_ACCESS_KEY_ID = "LLMGWLOCALAWS0000000";
export const LOCAL_SECRET_ACCESS_KEY = "local-aws-is-not-a-secret";
/** The account id of the local AWS: no real account has it. */
export const LOCAL_ACCOUNT_ID = "000000000000";
