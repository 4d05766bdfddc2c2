// docs/configuration.md, from the schema of llm-gw.json and the list of flags and variables.
import * as z from "zod";
import { configSchema } from "../../src/config/schema.ts";
import { SETTINGS } from "../../src/config/settings.ts";

const INTRODUCTION = `<!-- Made from src/config/schema.ts by: npm run docs -->

# Configuration

\`llm-gw.json\` says what to deploy. \`llm-gw\` reads it from the current folder, or the file that \`--config\` names. It is JSON
in which comments and trailing commas are allowed. Every field has a default, so no file is needed; an unknown field is an
error that suggests the nearest known one, and one that stands twice an error that names both lines. \`"$schema"\` may lead
editors to this project's \`llm-gw.schema.json\`; \`llm-gw init\` writes it where llm-gw is installed in the project.

A flag comes before an environment variable, that before the file, and that before the default. Every \`deploy\` sets the
whole configuration: what is left out goes back to its default, the function's code and variables too. What \`models\`,
\`secrets\` and \`limits\` mean is told in [models.md](models.md), packages and variables in [functions.md](functions.md).

\`\`\`jsonc
{
  "name": "my-gateway",
  "region": "eu-west-1",
  "function": {
    "code": "./app", // a path in the file is relative to the file
    "runtime": "python3.13",
    "handler": "app.handler",
    "memory": 1024
  },
  "routes": ["POST /inference"],
  "auth": "iam",
  "tags": { "team": "search" }
}
\`\`\`
`;

const CONCLUSION = `## Not in the file

| flag | environment | meaning |
|---|---|---|
| \`--config FILE\` | | the file to read; it has to exist |
| \`--profile NAME\` | \`AWS_PROFILE\` | the AWS profile for credentials and, last of all, the region |
| \`--local\` | | deploy to the local AWS; the region is \`us-east-1\` unless one is set |
| | \`LLM_GW_LOCAL_PORT\` | the port of the local AWS, 4577 unless set; for every command |
| | \`AWS_ENDPOINT_URL\`, \`AWS_ENDPOINT_URL_LAMBDA\`, ... | another address of AWS, as in every AWS SDK |

Any other variable whose name begins with \`LLM_GW_\` gets a warning, unless \`--env\` passes it on to the function.

Credentials, SSO and the rest of the AWS configuration are those of the AWS SDK.
`;

/** Made of several flags, so not in the list of settings. */
const ENVIRONMENT = { path: ["function", "environment"], flag: "env", env: undefined };

/** Every keyword of JSON Schema that the configuration's has; a new one has to be shown by this page, or left out, knowingly. */
const fieldSchema = z.strictObject({
  $schema: z.string().optional(),
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
  get properties() {
    return z.record(z.string(), fieldSchema).optional();
  },
  get anyOf() {
    return z.array(fieldSchema).optional();
  },
  get items() {
    return fieldSchema.optional();
  },
  get propertyNames() {
    return fieldSchema.optional();
  },
  get additionalProperties() {
    return z.union([z.literal(false), fieldSchema]).optional();
  },
  /** What our schema says of a value that it refuses. */
  rules: z.array(z.string()).optional(),
});

type Field = z.infer<typeof fieldSchema>;

/** The whole page, as Markdown. */
export function configurationPage(): string {
  const { properties = {} } = describeSchema();
  const { $schema: _editors, ...fields } = properties;
  const groups = Object.entries(fields).filter(([, { properties: inner }]) => inner !== undefined);
  const single = Object.entries(fields).filter(([, { properties: inner }]) => inner === undefined);
  return [
    INTRODUCTION,
    section("Fields", undefined, single, ""),
    ...groups.map(([name, { description, properties: inner = {} }]) =>
      section(`Fields of \`${name}\``, description, Object.entries(inner), `${name}.`),
    ),
    CONCLUSION,
  ].join("\n");
}

function describeSchema(): Field {
  const schema = z.toJSONSchema(configSchema, {
    io: "input",
    override({ zodSchema, jsonSchema }) {
      const { checks = [] } = zodSchema._zod.def;
      // Our messages are fixed texts, so nothing has to be wrong to read them.
      const rules = checks.map(
        (check): unknown => check._zod.def.error && Reflect.apply(check._zod.def.error, undefined, [{}]),
      );
      if (rules.some((rule) => rule !== undefined)) jsonSchema.rules = rules.filter((rule) => typeof rule === "string");
    },
  });
  return fieldSchema.parse(schema);
}

function section(title: string, description: string | undefined, fields: readonly [string, Field][], prefix: string) {
  const rows = fields.map(([name, field]) => row(`${prefix}${name}`, field));
  const head = "| field | type | default | flag | environment | meaning |\n|---|---|---|---|---|---|";
  return [`## ${title}\n`, ...(description === undefined ? [] : [`${description}\n`]), head, ...rows, ""].join("\n");
}

function row(path: string, field: Field): string {
  const { flag, env = [] } = [...SETTINGS, ENVIRONMENT].find((one) => one.path.join(".") === path) ?? {};
  const cells = [
    code(path),
    typeOf(field),
    field.default === undefined ? "" : code(JSON.stringify(field.default)),
    flag === undefined ? "" : code(`--${flag}`),
    env.map(code).join(", "),
    [field.description ?? "", ...rulesOf(field).map(sentence)].join(" "),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function typeOf(field: Field): string {
  const { type = "any", minimum, exclusiveMinimum, maximum, minItems, maxItems, items, additionalProperties } = field;
  if (field.enum !== undefined) return field.enum.map((value) => code(String(value))).join(", ");
  if (field.anyOf !== undefined) return field.anyOf.map(typeOf).join(" or ");
  if (items !== undefined) return `list of ${typeOf(items)}, ${range(minItems, maxItems)}`;
  if (typeof additionalProperties === "object") return `object of ${typeOf(additionalProperties)}`;
  if (type === "integer") return `whole number, ${range(minimum, maximum)}`;
  if (type === "number") return `number above ${exclusiveMinimum}, to ${maximum}`;
  return type;
}

function range(least: number | undefined, most: number | undefined): string {
  return most === undefined || most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `${least} to ${most}`;
}

/** Its own rules, and those for its keys, values and items. */
function rulesOf(field: Field): string[] {
  const { propertyNames, additionalProperties, items, anyOf = [] } = field;
  const inner = [propertyNames, additionalProperties, items, ...anyOf].filter((one) => typeof one === "object");
  return [...(field.rules ?? []), ...inner.flatMap((one) => rulesOf(one))];
}

function sentence(rule: string): string {
  return `${rule.charAt(0).toUpperCase()}${rule.slice(1)}.`;
}

function code(text: string): string {
  return `\`${text}\``;
}
