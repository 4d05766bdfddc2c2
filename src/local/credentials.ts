/** The one access key the local account knows. It guards nothing: the server listens on the loopback only. */
export const LOCAL_ACCESS_KEY_ID = "LLMGWLOCALAWS0000000";
export const LOCAL_SECRET_ACCESS_KEY = "local-aws-is-not-a-secret";
/** The user whose key it is. */
export const LOCAL_USER_NAME = "llm-gw-local";
/** What functions are given; a temporary key, as a role has. */
export const FUNCTION_ACCESS_KEY_ID = "ASIALOCALFUNCTION000";
export const FUNCTION_SECRET_ACCESS_KEY = "local-function-secret";
/** Begins the token of a function; what follows says whose it is. */
const FUNCTION_TOKEN = "local-function-token:";
/** The account id of the local AWS: no real account has it. */
export const LOCAL_ACCOUNT_ID = "000000000000";

interface FunctionIdentity {
  readonly roleArn: string;
  readonly functionName: string;
}

const SECRETS: ReadonlyMap<string, string> = new Map([
  [LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY],
  [FUNCTION_ACCESS_KEY_ID, FUNCTION_SECRET_ACCESS_KEY],
]);

/** The session token of a function, which says which role it acts as. */
export function functionToken({ roleArn, functionName }: FunctionIdentity): string {
  return `${FUNCTION_TOKEN}${roleArn}/${functionName}`;
}

/** Who calls with this session token; undefined when it is no function. */
export function functionOfToken(token: string | undefined): FunctionIdentity | undefined {
  if (!token?.startsWith(FUNCTION_TOKEN)) return undefined;
  const end = token.lastIndexOf("/");
  return { roleArn: token.slice(FUNCTION_TOKEN.length, end), functionName: token.slice(end + 1) };
}

/** The secret of an access key the account knows. */
export function secretOf(accessKeyId: string): string | undefined {
  return SECRETS.get(accessKeyId);
}
