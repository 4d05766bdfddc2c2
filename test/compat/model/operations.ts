import type { Sent } from "../../support/relay.ts";
import { header } from "./exchange.ts";
import type { Model, Operation } from "./model.ts";

/** The operation a request is for, and what its URI's labels hold. */
export interface Found {
  readonly operation: Operation;
  readonly labels: ReadonlyMap<string, string>;
}

/** Finds the operation by the service's protocol; undefined when the model has none such. */
export function findOperation(model: Model, sent: Sent): Found | undefined {
  switch (model.metadata.protocol) {
    case "query":
      return named(model, new URLSearchParams(sent.body.toString("utf8")).get("Action"));
    case "json": {
      const [prefix, name = ""] = (header(sent.headers, "x-amz-target") ?? "").split(".");
      return prefix === model.metadata.targetPrefix ? named(model, name) : undefined;
    }
    default:
      return byPath(model, sent);
  }
}

function named(model: Model, name: string | null): Found | undefined {
  const operation = name === null ? undefined : model.operations[name];
  return operation && { operation, labels: new Map() };
}

/** Several templates can match: the one with the fewest labels is meant. */
function byPath(model: Model, { method, url }: Sent): Found | undefined {
  const path = segments(url.replace(/\?.*$/s, ""));
  const found = Object.values(model.operations).flatMap((operation) => {
    if (operation.http.method !== method) return [];
    const labels = match(segments(operation.http.requestUri.replace(/\?.*$/s, "")), path);
    return labels === undefined ? [] : [{ operation, labels }];
  });
  return found.toSorted((a, b) => a.labels.size - b.labels.size)[0];
}

/** A slash at the end makes no other operation. */
function segments(path: string): string[] {
  return path.replace(/\/$/, "").split("/").slice(1);
}

function match(template: readonly string[], path: readonly string[]): Map<string, string> | undefined {
  if (template.length !== path.length) return undefined;
  const labels = new Map<string, string>();
  for (const [index, part] of template.entries()) {
    const value = path[index] ?? "";
    const label = /^\{([\w-]+)\+?\}$/.exec(part)?.[1];
    if (label !== undefined) labels.set(label, decodeURIComponent(value));
    else if (part !== value) return undefined;
  }
  return labels;
}
