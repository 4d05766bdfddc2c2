import { type Member, type Model, type Shape, shapeOf } from "./model.ts";

/** Hears of each breach: the member's path and what is wrong. */
export type Report = (member: string, what: string) => void;

/** How a protocol writes times unless the model says otherwise. */
export type TimeFormat = "iso8601" | "unixTimestamp" | "rfc822";

/** The bounds, pattern and values a model sets for a string, number, list or map of this size. */
export function checkBounds(shape: Shape, size: number, unit: string, path: string, report: Report): void {
  if (shape.min !== undefined && size < shape.min) report(path, `${unit} ${size} is below ${shape.min}`);
  if (shape.max !== undefined && size > shape.max) report(path, `${unit} ${size} is above ${shape.max}`);
}

export function checkString(shape: Shape, value: string, path: string, report: Report): void {
  checkBounds(shape, [...value].length, "length", path, report);
  if (shape.enum !== undefined && !shape.enum.includes(value)) report(path, `"${value}" is no value of the enum`);
  if (shape.pattern !== undefined && !whole(shape.pattern).test(value)) {
    report(path, `"${value.slice(0, 80)}" does not match ${shape.pattern}`);
  }
}

/** Model patterns are Java's and mean the whole value. Most need Unicode's \p, some are no Unicode pattern in JavaScript. */
function whole(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`, "su");
  } catch {
    return new RegExp(`^(?:${pattern})$`, "s");
  }
}

/** A scalar that travels as text: in a path, a query, a header, a form or XML. */
export function checkText(
  model: Model,
  { shape: name, timestampFormat }: Member,
  text: string,
  path: string,
  report: Report,
  format: TimeFormat,
): void {
  const shape = shapeOf(model, name);
  switch (shape.type) {
    case "integer":
    case "long":
    case "float":
    case "double":
      if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) report(path, `"${text}" is no ${shape.type}`);
      else checkNumber(shape, Number(text), path, report);
      break;
    case "boolean":
      if (text !== "true" && text !== "false") report(path, `"${text}" is no boolean`);
      break;
    case "timestamp":
      checkTime(text, timestampFormat ?? shape.timestampFormat ?? format, path, report);
      break;
    case "string":
      checkString(shape, text, path, report);
      break;
    case "blob":
      checkBlob(shape, text, path, report);
      break;
    default:
      report(path, `text where the model has a ${shape.type}`);
  }
}

export function checkNumber(shape: Shape, value: number, path: string, report: Report): void {
  const isWhole = shape.type === "integer" || shape.type === "long";
  if (isWhole && !Number.isSafeInteger(value)) report(path, `${value} is no ${shape.type}`);
  checkBounds(shape, value, "value", path, report);
}

export function checkBlob(shape: Shape, text: string, path: string, report: Report): void {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) report(path, "is not base64");
  else checkBounds(shape, Buffer.from(text, "base64").length, "length", path, report);
}

const TIMES: Readonly<Record<string, RegExp>> = {
  iso8601: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/,
  unixTimestamp: /^\d+(\.\d+)?$/,
  rfc822: /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
};

export function checkTime(text: string, format: string, path: string, report: Report): void {
  if (TIMES[format]?.test(text) !== true) report(path, `"${text}" is no time in ${format}`);
}
