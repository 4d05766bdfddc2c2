import { createHash } from "node:crypto";
import * as z from "zod";
import { AwsError, notImplemented } from "../aws-error.ts";
import type { Account } from "../store/account.ts";
import type { Parameter } from "../store/secrets.ts";
import { json11Wire } from "../wire/json-1-1.ts";
import { operationsOf, type Service } from "../wire/service.ts";

const operation = operationsOf("Systems Manager", "ValidationException");

/** Of a standard parameter, in characters [SSM: PutParameter]. */
const VALUE_LENGTH = 4096;
/** [SSM: PutParameter] */
const LEVELS = 15;

const name = z.string().min(1).max(2048);

const operations = new Map([
  [
    "PutParameter",
    operation(
      z.strictObject({
        Name: name,
        Value: z.string().min(1),
        Type: z.enum(["String", "StringList", "SecureString"]).optional(),
        Overwrite: z.boolean().default(false),
      }),
      (account, { Name, Value, Type, Overwrite }) => {
        checkName(Name);
        const old = account.parameters.get(Name);
        const type = Type ?? old?.type;
        if (type === undefined) throw invalid("A parameter type is required when you create a parameter.");
        if (old !== undefined && !Overwrite) {
          const message =
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
          throw new AwsError("ParameterAlreadyExists", 400, message);
        }
        if (Value.length > VALUE_LENGTH) {
          throw invalid(`Standard tier parameters support a maximum parameter value of ${VALUE_LENGTH} characters.`);
        }
        const version = (old?.version ?? 0) + 1;
        account.parameters.set(Name, { name: Name, type, value: Value, version, modifiedAt: new Date() });
        return { Version: version, Tier: "Standard" };
      },
    ),
  ],
  [
    "GetParameter",
    operation(z.strictObject({ Name: name, WithDecryption: z.boolean().default(false) }), (account, input) => {
      if (input.Name.includes(":")) throw notImplemented("versions, labels and ARNs in the name of a parameter");
      const { type, value, version, modifiedAt } = find(account, input.Name);
      const isSealed = type === "SecureString" && !input.WithDecryption;
      return {
        Parameter: {
          Name: input.Name,
          Type: type,
          Value: isSealed ? sealed(value) : value,
          Version: version,
          LastModifiedDate: modifiedAt.getTime() / 1000,
          ARN: arnOf(account, input.Name),
          DataType: "text",
        },
      };
    }),
  ],
  [
    "DescribeParameters",
    operation(
      z.strictObject({
        ParameterFilters: z
          .array(
            z.strictObject({ Key: z.string(), Option: z.string().default("Equals"), Values: z.array(name).min(1) }),
          )
          .length(1),
      }),
      (account, { ParameterFilters }) => {
        const wanted = ParameterFilters.flatMap(({ Key, Option, Values }) => {
          if (Key !== "Name" || Option !== "Equals") throw notImplemented("other filters than Equals on the Name");
          return Values;
        });
        const found = wanted.flatMap((one) => account.parameters.get(one) ?? []);
        const Parameters = found.map(({ name: Name, type, version, modifiedAt }) => ({
          ...{ Name, ARN: arnOf(account, Name), Type: type, Version: version, Tier: "Standard", DataType: "text" },
          ...(type === "SecureString" ? { KeyId: "alias/aws/ssm" } : {}),
          LastModifiedDate: modifiedAt.getTime() / 1000,
        }));
        return { Parameters };
      },
    ),
  ],
  [
    "DeleteParameter",
    operation(z.strictObject({ Name: name }), (account, input) => {
      find(account, input.Name);
      account.parameters.delete(input.Name);
    }),
  ],
]);

/** Parameter Store: what keeps keys for functions. */
export const ssm: Service = {
  name: "ssm",
  operations,
  wire: json11Wire({ targetPrefix: "AmazonSSM" }),
  permission(account, { operation: action, input }) {
    const given: unknown = typeof input === "object" && input !== null ? Reflect.get(input, "Name") : undefined;
    return { action: `ssm:${action}`, resources: [arnOf(account, String(given))], deniedStatus: 400 };
  },
};

function find(account: Account, parameter: string): Parameter {
  const found = account.parameters.get(parameter);
  // AWS leaves it at the code.
  if (found === undefined) throw new AwsError("ParameterNotFound", 400, "");
  return found;
}

/** The slash at the beginning of a name is the one the ARN has anyway. */
function arnOf({ region, accountId }: Account, parameter: string): string {
  return `arn:aws:ssm:${region}:${accountId}:parameter/${parameter.replace(/^\//, "")}`;
}

function checkName(parameter: string): void {
  if (parameter.includes("/") && !parameter.startsWith("/")) {
    throw invalid("Parameter name must be a fully qualified name");
  }
  const parts = parameter.replace(/^\//, "").split("/");
  if (/^aws/i.test(parts[0] ?? "")) {
    throw new AwsError("AccessDeniedException", 400, `No access to reserved parameter name: ${parameter}.`);
  }
  if (/^ssm/i.test(parts[0] ?? "") || parts.some((part) => !/^[\w.-]+$/.test(part))) {
    throw invalid(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  }
  if (parts.length > LEVELS) {
    // The text is unconfirmed.
    const message = `A hierarchy can have a maximum of ${LEVELS} levels.`;
    throw new AwsError("HierarchyLevelLimitExceededException", 400, message);
  }
}

/** Looks like what KMS makes of a value, and gives nothing of it away. */
function sealed(value: string): string {
  return `AQICAH${createHash("sha256").update(value).digest("base64")}`;
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", 400, message);
}
