import { randomUUID } from "node:crypto";
import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { Alias, LambdaFunction } from "../store/lambda.ts";
import {
  checkRevision,
  conflict,
  findFunction,
  functionReference,
  invalidParameter,
  listing,
  notFound,
  operation,
  paging,
} from "./lambda-model.ts";

const Name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^(?!^[0-9]+$)([a-zA-Z0-9-_]+)$/);
const version = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^(\$LATEST|[0-9]+)$/);
const target = { FunctionName: functionReference, Name };
const settings = {
  Description: z.string().max(256).optional(),
  RoutingConfig: z.strictObject({ AdditionalVersionWeights: z.record(z.string(), z.number()).optional() }).optional(),
};

export const aliasOperations = {
  CreateAlias: operation(z.strictObject({ ...target, ...settings, FunctionVersion: version }), (account, input) => {
    const fn = findFunction(account, input);
    checkVersion(fn, input.FunctionVersion);
    const arn = `${fn.arn}:${input.Name}`;
    if (fn.aliases.has(input.Name)) throw conflict(`Alias already exists: ${arn}`);
    const alias: Alias = {
      name: input.Name,
      arn,
      version: input.FunctionVersion,
      description: input.Description ?? "",
      weight: weightOf(fn, input.FunctionVersion, input.RoutingConfig?.AdditionalVersionWeights ?? {}),
      revisionId: randomUUID(),
      policy: [],
    };
    fn.aliases.set(alias.name, alias);
    return aliasOut(alias);
  }),

  GetAlias: operation(z.strictObject(target), (account, input) =>
    aliasOut(findAlias(findFunction(account, input), input.Name)),
  ),

  UpdateAlias: operation(
    z.strictObject({ ...target, ...settings, FunctionVersion: version.optional(), RevisionId: z.string().optional() }),
    (account, input) => {
      const fn = findFunction(account, input);
      const alias = findAlias(fn, input.Name);
      checkRevision(alias, input.RevisionId);
      const to = input.FunctionVersion ?? alias.version;
      checkVersion(fn, to);
      const { AdditionalVersionWeights: weights } = input.RoutingConfig ?? {};
      const kept = alias.weight === undefined ? {} : { [alias.weight.version]: alias.weight.share };
      alias.weight = weightOf(fn, to, input.RoutingConfig === undefined ? kept : (weights ?? {}));
      alias.version = to;
      alias.description = input.Description ?? alias.description;
      alias.revisionId = randomUUID();
      return aliasOut(alias);
    },
  ),

  DeleteAlias: operation(z.strictObject(target), (account, input, context) => {
    const fn = findFunction(account, input);
    // An alias that does not exist is deleted already. Its URL and its policy go with it (unconfirmed for the URL).
    fn.urls.delete(input.Name);
    fn.aliases.delete(input.Name);
    context.runtime.retire(`${fn.arn}:${input.Name}`);
  }),

  ListAliases: operation(
    z.strictObject({ FunctionName: functionReference, FunctionVersion: version.optional(), ...paging }),
    (account, input) => {
      const { aliases } = findFunction(account, input);
      const wanted = [...aliases.values()].filter(
        (alias) => input.FunctionVersion === undefined || alias.version === input.FunctionVersion,
      );
      const { items, next } = listing(account, wanted, (alias) => alias.name, input);
      return { Aliases: items.map(aliasOut), NextMarker: next };
    },
  ),
};

function findAlias(fn: LambdaFunction, name: string): Alias {
  const alias = fn.aliases.get(name);
  if (alias === undefined) throw notFound(`Cannot find alias arn: ${fn.arn}:${name}`);
  return alias;
}

function checkVersion(fn: LambdaFunction, version: string): void {
  if (version !== "$LATEST" && !fn.versions.has(version)) throw notFound(`Function not found: ${fn.arn}:${version}`);
}

/** The routing configuration as it is kept, or the error with which Lambda refuses it (messages seen by localstack). */
function weightOf(fn: LambdaFunction, to: string, weights: Readonly<Record<string, number>>): Alias["weight"] {
  const [entry, ...more] = Object.entries(weights);
  if (entry === undefined) return undefined;
  if (more.length > 0) {
    throw invalidParameter("Number of items in AdditionalVersionWeights cannot be greater than 1");
  }
  const [version, share] = entry;
  const shown = `{${version}=${Number.isInteger(share) ? share.toFixed(1) : share}}`;
  if (share < 0 || share > 1) {
    throw invalidWeights(
      shown,
      "value",
      "value less than or equal to 1.0, Member must have value greater than or equal to 0.0",
    );
  }
  if (version === to) {
    throw invalidParameter(
      `Invalid function version ${to}. Function version ${to} is already included in routing configuration.`,
    );
  }
  if (to === "$LATEST") throw invalidParameter("$LATEST is not supported for an alias pointing to more than 1 version");
  if (!/^[0-9]{1,1024}$/.test(version)) {
    throw invalidWeights(
      shown,
      "keys",
      "length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+",
    );
  }
  checkVersion(fn, version);
  return { version, share };
}

function invalidWeights(shown: string, part: "keys" | "value", rule: string): AwsError {
  const message = `1 validation error detected: Value '${shown}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map ${part} must satisfy constraint: [Member must have ${rule}, Member must not be null]`;
  return new AwsError("ValidationException", 400, message);
}

function aliasOut(alias: Alias) {
  const { weight } = alias;
  return {
    AliasArn: alias.arn,
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    RoutingConfig: weight && { AdditionalVersionWeights: { [weight.version]: weight.share } },
    RevisionId: alias.revisionId,
  };
}
