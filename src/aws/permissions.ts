// Which permission a call needs, and which line of the documented policy grants it [aws 7].
import policy from "../../docs/deployer-policy.json" with { type: "json" };
import { member } from "../json.ts";

/** What a call asked for. */
export interface Request {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly input: unknown;
  /** As it goes over the wire. */
  readonly http: unknown;
}

interface Permission {
  readonly action: string;
  /** An ARN, with ACCOUNT where only AWS knows better; or `*`. */
  readonly resource: string;
}

/** AWS has denied a call. Carries AWS's own name, message and metadata. */
export class AccessDenied extends Error {
  readonly permission: Permission;
  readonly $metadata: unknown;

  constructor(cause: Error, request: Request) {
    super(cause.message, { cause });
    this.name = cause.name;
    this.permission = deniedPermission(cause.message, request);
    this.$metadata = member(cause, "$metadata");
  }
}

/** What to do about it, as a sentence. */
export function denialHint({ permission: { action }, message }: AccessDenied): string {
  if (/explicit deny|permissions boundary|(service|resource) control policy|session policy/i.test(message)) {
    return "Another policy stands against it, whatever the deployer's own policy grants: ask who manages the account.";
  }
  return grantHint(action);
}

/** Where the documented policy grants an action, as a sentence. */
export function grantHint(action: string): string {
  const line = JSON.stringify(policy, undefined, 2)
    .split("\n")
    .findIndex((text) => text.includes(`"${action}"`));
  const seeAlso = "README, section Permissions";
  if (line < 0) return `docs/deployer-policy.json has all that a deployer needs; ${seeAlso}.`;
  return `Allow it as line ${line + 1} of docs/deployer-policy.json does; ${seeAlso}.`;
}

/**
 * AWS may name another action than the call's, like iam:PassRole for CreateFunction; often it names none. IAM names a
 * role without its ARN: `on resource: role NAME because ...`.
 */
function deniedPermission(message: string, request: Request): Permission {
  const [, action, resource] =
    /not authorized to perform: ([\w-]+:\w+)(?: on resource: (arn:\S+|\*))?/.exec(message) ?? [];
  return { action: action ?? actionOf(request), resource: resource ?? resourceOf(request) };
}

/** Almost every action has its call's name; API Gateway's have the name of the HTTP method. */
function actionOf({ service, operation, http }: Request): string {
  if (service === "apigateway") return `apigateway:${member(http, "method")}`;
  return `${service}:${operation === "Invoke" ? "InvokeFunction" : operation}`;
}

function resourceOf({ service, region, input, http }: Request): string {
  const partition = /^(cn|us-gov)-/.exec(region)?.[1];
  const arn = (rest: string) => `arn:${partition === undefined ? "aws" : `aws-${partition}`}:${rest}`;
  const named = (name: string, prefix: string) => {
    const value = member(input, name);
    return typeof value === "string" ? arn(`${prefix}${value}`) : undefined;
  };
  const given = member(input, "Resource") ?? member(input, "resourceArn");
  if (typeof given === "string") return given;
  if (service === "apigateway") {
    return arn(`apigateway:${region}::${decodeURIComponent(String(member(http, "path")).replace(/^\/v2/, ""))}`);
  }
  return (
    named("RoleName", "iam::ACCOUNT:role/") ??
    named("FunctionName", `lambda:${region}:ACCOUNT:function:`) ??
    named("logGroupName", `logs:${region}:ACCOUNT:log-group:`) ??
    "*"
  );
}
