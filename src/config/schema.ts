// The fields of llm-gw.json. The JSON Schema that editors use is made from this file; limits are AWS's own. zod/mini,
// here and wherever else a start passes, because the methods of zod's schemas take 12 ms to make.
import * as z from "zod/mini";

/** [aws 4.2] */
const RESERVED_ENVIRONMENT =
  /^(AWS_REGION|AWS_DEFAULT_REGION|AWS_ACCESS_KEY|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/;
/** [aws 4.9] */
const ENVIRONMENT_BYTES = 4096;
/** [aws 10]; 0 stands for "never expire". */
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;
/** Seconds. API Gateway waits for 30, a direct call for all of them. */
export const DEFAULT_TIMEOUT = 300;
/** Not the SDK's list, which lags behind the service [aws 4.10]; just enough to catch a slip. */
const RUNTIME = /^(nodejs\d+\.x|python\d\.\d+|ruby\d\.\d+|java\d+(\.al2)?|dotnet\d+|provided\.al\d+)$/;
/** Lower case: SigV4 fails with another error in each service for anything else [aws 1 rule 7]. */
export const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d$/;
/** Method and path as API Gateway takes them: parameters in braces, a greedy one only at the end [aws 5.9]. */
export const ROUTE =
  /^(\$default|(ANY|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \/(([\w.~:@!$&'()*,;=%-]+|\{[\w.-]+\})(\/([\w.~:@!$&'()*,;=%-]+|\{[\w.-]+\}))*(\/\{[\w.-]+\+\})?|\{[\w.-]+\+\})?)$/;
/** Lambda passes on no larger request [aws 4.9]. */
const PROMPT_BYTES = 6 * 1024 * 1024;

const environment = z
  .record(
    z.string().check(
      z.regex(/^[a-zA-Z][a-zA-Z0-9_]+$/, "a name is at least two letters, digits or _, and begins with a letter"),
      z.refine(
        (name) => !RESERVED_ENVIRONMENT.test(name),
        "a name may not be one that Lambda reserves, like AWS_REGION",
      ),
    ),
    z.string(),
  )
  .check(
    z.refine(
      (all) => Buffer.byteLength(JSON.stringify(all)) <= ENVIRONMENT_BYTES,
      `all variables together may have ${ENVIRONMENT_BYTES} bytes, which is Lambda's limit`,
    ),
  );

const functionFields = z.strictObject({
  code: z
    .optional(z.string().check(z.minLength(1)))
    .check(z.describe("Your function: a folder or a .zip. Left out: the built-in function.")),
  runtime: z
    .optional(z.string().check(z.regex(RUNTIME, "a runtime is written like python3.13 or nodejs24.x")))
    .check(z.describe("Lambda's name of the runtime, for example python3.13. Goes with code.")),
  handler: z
    .optional(z.string().check(z.regex(/^[^\s]{1,128}$/, "a handler has 1 to 128 characters and no white space")))
    .check(z.describe("Where the runtime finds your function, for example app.handler. Goes with code.")),
  architecture: z
    .optional(z.enum(["arm64", "x86_64"]))
    .check(z.describe("Default: x86_64 for your code, arm64 for the built-in function.")),
  timeout: z
    ._default(z.int().check(z.gte(1), z.lte(900)), DEFAULT_TIMEOUT)
    .check(z.describe("Seconds the function may run, 1 to 900.")),
  memory: z
    ._default(z.int().check(z.gte(128), z.lte(10240)), 512)
    .check(z.describe("MB, 128 to 10240. CPU grows with it.")),
  environment: z
    ._default(environment, {})
    .check(z.describe("Environment variables of the function, visible to whoever may read it.")),
  logRetentionDays: z
    ._default(z.literal(RETENTION_DAYS), 14)
    .check(z.describe("Days that logs are kept; one of CloudWatch's values, or 0 for ever.")),
});

const throttle = z.strictObject({
  rate: z._default(z.number().check(z.positive(), z.lte(10_000)), 10).check(z.describe("Requests per second.")),
  burst: z._default(z.int().check(z.gte(1), z.lte(5_000)), 20).check(z.describe("Requests that may come at once.")),
});

const limits = z.strictObject({
  defaultMaxTokens: z
    .optional(z.int().check(z.gte(1)))
    .check(
      z.describe("Tokens of an answer when the request does not say. Default: 1024, or maxTokens where that is less."),
    ),
  maxTokens: z
    .optional(z.int().check(z.gte(1)))
    .check(z.describe("The most tokens a request may ask for. Default: 8192.")),
  promptBytes: z
    .optional(z.int().check(z.gte(1), z.lte(PROMPT_BYTES)))
    .check(z.describe("Bytes of messages, tools and settings of a request. Default: 1048576.")),
});

const tagValue = z
  .string()
  .check(
    z.maxLength(256),
    z.regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, "a tag's value may contain no other signs than _.:/=+-@"),
  );
/** AWS allows 50; the function has three of ours. */
const TAGS = 47;
const tagKey = z
  .string()
  .check(
    z.minLength(1, "a tag's name may not be empty"),
    z.maxLength(128),
    z.regex(
      /^(?!aws:|llm-gw:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/iu,
      "a tag may not begin with aws: or llm-gw:, nor contain other signs than _.:/=+-@",
    ),
  );

/** llm-gw.json as the user writes it, with defaults filled in. */
export const configSchema = z.strictObject({
  $schema: z.optional(z.string()),
  name: z
    ._default(
      z.string().check(z.regex(/^[a-zA-Z][a-zA-Z0-9-]*$/, "a name is letters, digits and -, and begins with a letter")),
      "llm-gw",
    )
    .check(z.describe("Names the gateway and, with the stage, its resources.")),
  stage: z
    ._default(z.string().check(z.regex(/^[a-zA-Z0-9_-]+$/, "a stage is letters, digits, - and _")), "prod")
    .check(z.describe("The first part of every URL path, and part of every resource's name.")),
  region: z
    .optional(z.string().check(z.regex(REGION, "a region is written like eu-west-1")))
    .check(z.describe("AWS region. --region, AWS_REGION and AWS_DEFAULT_REGION come first, the AWS profile last.")),
  function: z.prefault(functionFields, {}),
  routes: z
    .optional(
      z
        .array(z.string().check(z.regex(ROUTE, 'a route is a method and a path, like "POST /inference", or $default')))
        .check(
          z.minLength(1),
          z.maxLength(300),
          z.refine((all) => new Set(all).size === all.length, "a route is listed only once"),
        ),
    )
    .check(
      z.describe(
        "Route keys of the HTTP API; all of them call the function. Left out: those the built-in function answers, or POST /inference for your code.",
      ),
    ),
  auth: z
    ._default(z.enum(["iam", "none"]), "iam")
    .check(z.describe("Who may call: iam = requests signed by your AWS account; none = everybody, at your expense.")),
  throttle: z.prefault(throttle, {}).check(z.describe("What the stage lets through; the rest is answered 429.")),
  autoDeploy: z
    ._default(z.boolean(), false)
    .check(z.describe("true: API Gateway publishes each change at once, instead of one switch at the end.")),
  accessLogs: z
    ._default(z.boolean(), false)
    .check(
      z.describe("true: a log of every request, with those that never reach the function; llm-gw logs shows it too."),
    ),
  models: z
    .optional(
      z
        .record(
          z.string().check(z.regex(/^[\w.-]{1,64}$/, "an alias is letters, digits, _, . and -")),
          z.union([z.string(), z.array(z.string()).check(z.minLength(1))], {
            error: "is no model, and no list of models",
          }),
        )
        .check(
          z.refine(
            (all) => Object.keys(all).length === 0 || "default" in all,
            'one of the aliases has to be "default"',
          ),
        ),
    )
    .check(
      z.describe(
        "What the built-in function answers with, by alias: bedrock:MODEL, openai:URL#MODEL, echo:, another alias, or a list of these, tried in order. Left out: Amazon Nova Micro on Bedrock.",
      ),
    ),
  secrets: z
    .optional(z.record(z.string(), z.string()))
    .check(
      z.describe(
        "Where the key of each openai:URL of the models is kept: ssm:NAME, secretsmanager:NAME or env:NAME. Never the key itself.",
      ),
    ),
  limits: z.optional(limits).check(z.describe("What the built-in function allows a request.")),
  tags: z
    ._default(
      z.record(tagKey, tagValue).check(z.refine((all) => Object.keys(all).length <= TAGS, `at most ${TAGS} tags`)),
      {},
    )
    .check(z.describe("Tags for every resource that can have some.")),
});

/** The objects inside, by their key. */
export const SECTIONS = { function: functionFields, throttle, limits } as const;

export type Config = z.infer<typeof configSchema>;
