import { join } from "./check-json.ts";
import { checkBounds, checkText, type Report } from "./constraints.ts";
import { type Member, type Model, type Shape, shapeOf } from "./model.ts";
import type { Tree } from "./tree.ts";

/** Checks what the query protocol sends or answers: a form or XML. */
export function checkTree(model: Model, member: Member, tree: Tree, path: string, report: Report): void {
  const shape = shapeOf(model, member.shape);
  switch (shape.type) {
    case "structure":
      checkStructure(model, shape, tree, path, report);
      return;
    case "list": {
      checkBounds(shape, tree.children.length, "length", path, report);
      tree.children.forEach(({ name, tree: item }, i) => {
        if (name !== (shape.member?.locationName ?? "member")) report(path, `<${name}> is no item of a list`);
        else if (shape.member) checkTree(model, shape.member, item, `${path}[${i}]`, report);
      });
      return;
    }
    case "map":
      report(path, "maps are not read: no operation of ours has one");
      return;
    default:
      if (tree.children.length > 0) {
        report(path, `has members, where the model has a ${shape.type}`);
        return;
      }
      checkText(model, member, tree.text, path, report, "iso8601");
      return;
  }
}

function checkStructure(model: Model, shape: Shape, { children }: Tree, path: string, report: Report): void {
  const seen = new Set<string>();
  for (const { name, tree } of children) {
    const member = shape.members?.[name];
    if (member === undefined) report(join(path, name), "is no member of the model");
    else if (seen.has(name)) report(join(path, name), "is there twice");
    else checkTree(model, member, tree, join(path, name), report);
    seen.add(name);
  }
  for (const name of shape.required ?? []) if (!seen.has(name)) report(join(path, name), "is required");
}
