import { checkBlob, checkBounds, checkNumber, checkString, checkTime, type Report } from "./constraints.ts";
import { type Member, type Model, type Shape, shapeOf } from "./model.ts";

/** Checks JSON against a shape. Members bound to the path, the query or headers are not expected in it. */
export function checkJson(
  model: Model,
  { shape: name, timestampFormat }: Member,
  value: unknown,
  path: string,
  report: Report,
): void {
  const shape = shapeOf(model, name);
  if (value === null) {
    report(path, "is null");
    return;
  }
  switch (shape.type) {
    case "structure":
      checkStructure(model, shape, value, path, report);
      return;
    case "list": {
      if (!Array.isArray(value)) {
        report(path, "is no list");
        return;
      }
      checkBounds(shape, value.length, "length", path, report);
      const { member } = shape;
      if (member !== undefined)
        value.forEach((item, i) => void checkJson(model, member, item, `${path}[${i}]`, report));
      return;
    }
    case "map": {
      if (!isObject(value)) {
        report(path, "is no map");
        return;
      }
      checkBounds(shape, Object.keys(value).length, "size", path, report);
      for (const [key, item] of Object.entries(value)) {
        if (shape.key) checkString(shapeOf(model, shape.key.shape), key, `${path}.(key)`, report);
        if (shape.value) checkJson(model, shape.value, item, join(path, key), report);
      }
      return;
    }
    default:
      checkScalar(shape, value, timestampFormat ?? shape.timestampFormat ?? "unixTimestamp", path, report);
      return;
  }
}

function checkScalar(shape: Shape, value: unknown, format: string, path: string, report: Report): void {
  const type = wireType(shape.type, format);
  if (typeof value !== type) report(path, `is no ${type}`);
  else if (shape.type === "timestamp") checkTime(String(value), format, path, report);
  else if (typeof value === "number") checkNumber(shape, value, path, report);
  else if (shape.type === "blob") checkBlob(shape, String(value), path, report);
  else if (typeof value === "string") checkString(shape, value, path, report);
}

/** What JSON has for a type of the models. */
function wireType(type: string, format: string): string {
  if (type === "string" || type === "boolean") return type;
  if (type === "blob") return "string";
  if (type === "timestamp") return format === "unixTimestamp" ? "number" : "string";
  return "number";
}

/** Unknown members, missing ones, and what each holds. */
export function checkStructure(model: Model, shape: Shape, value: unknown, path: string, report: Report): void {
  if (!isObject(value)) {
    report(path, "is no object");
    return;
  }
  const members = Object.entries(shape.members ?? {}).filter(([, { location }]) => location === undefined);
  const wireNames = new Map(members.map(([name, member]) => [member.locationName ?? name, { name, member }]));
  for (const [wireName, item] of Object.entries(value)) {
    const known = wireNames.get(wireName);
    if (known === undefined) report(join(path, wireName), "is no member of the model");
    else checkJson(model, known.member, item, join(path, known.name), report);
  }
  for (const [wireName, { name }] of wireNames) {
    if (shape.required?.includes(name) && !Object.hasOwn(value, wireName)) report(join(path, name), "is required");
  }
}

export function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
