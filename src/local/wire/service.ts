import type * as z from "zod";
import { AwsError, notImplemented } from "../aws-error.ts";
import type { HttpRequest, HttpResponse } from "../http.ts";
import type { MeteredRuntime } from "../metered-runtime.ts";
import type { Account } from "../store/account.ts";
import { validationMessage, wrongType } from "./validation.ts";

/** What a handler may use besides the account and its input. */
export interface CallContext {
  readonly requestId: string;
  readonly request: HttpRequest;
  readonly runtime: MeteredRuntime;
}

/** One operation of a service: takes what the wire brought, answers what the wire is to send. */
export type Operation = (account: Account, input: unknown, context: CallContext) => unknown;

/** What a request asks for. */
export interface Call {
  readonly operation: string;
  readonly input: unknown;
}

export interface Service {
  /** The name in SigV4's credential scope. */
  readonly name: string;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly wire: Wire;
  /** What a function's role has to allow for a call; left out where roles are not asked. */
  permission?(account: Account, call: Call): Permission | undefined;
}

interface Permission {
  readonly action: string;
  /** ARNs, each of which has to be allowed. */
  readonly resources: readonly string[];
  /** The status with which the service denies. */
  readonly deniedStatus: number;
}

/** The protocol of one service: between HTTP and plain objects. */
export interface Wire {
  /** Throws an AwsError for what cannot be read or is not known. */
  read(request: HttpRequest): Call;
  answer(call: Call, output: unknown, requestId: string): HttpResponse;
  fail(error: AwsError, requestId: string): HttpResponse;
}

/**
 * Makes the `operation` function of one service: input is checked against a schema before the handler sees it.
 * `invalidCode` is the code with which the service refuses input that breaks its model, `typeCode` that for values of
 * another type.
 */
export function operationsOf(service: string, invalidCode: string, typeCode = "SerializationException") {
  return <Input>(
    schema: z.ZodType<Input>,
    handle: (account: Account, input: Input, context: CallContext) => unknown,
  ): Operation => {
    return (account, raw, context) => {
      const parsed = schema.safeParse(raw);
      if (parsed.success) return handle(account, parsed.data, context);
      const unknownMembers = parsed.error.issues.flatMap((issue) =>
        issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key].join(".")) : [],
      );
      // A member AWS has and we do not would otherwise be dropped, and the caller would believe it took effect.
      if (unknownMembers.length > 0)
        throw notImplemented(`the input member ${unknownMembers.join(", ")} of ${service}`);
      const typeMessage = wrongType(parsed.error.issues, raw);
      if (typeMessage !== undefined) throw new AwsError(typeCode, 400, typeMessage);
      throw new AwsError(invalidCode, 400, validationMessage(parsed.error.issues, raw));
    };
  };
}

/** Whether an operation changes the account. By its name, or by method and path when it has none. */
export function isMutating(operation: string): boolean {
  return !/^(Get|List|Describe|Filter|Simulate|Invoke|Converse|GET )/.test(operation);
}
