// Finds and loads the handler that a function's configuration names.
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { named } from "./errors.mjs";
import { isStreaming } from "./response-stream.mjs";

/** The handler `name` below `root`, for a runtime of this major version of Node.js. */
export async function findHandler(root, name, nodeMajor) {
  if (name.includes("..")) {
    throw named("Runtime.MalformedHandlerName", `'..' is not a valid handler name: ${name}`);
  }
  const file = basename(name);
  const [, stem, exported] = /^([^.]*)\.(.+)$/.exec(file) ?? [];
  if (stem === undefined) {
    throw named("Runtime.MalformedHandlerName", `Bad handler: ${name}`);
  }
  const module = await importModule(locate(root, join(name.slice(0, -file.length), stem)));
  const handler = dig(module, exported) ?? dig(module.default, exported);
  if (handler === undefined) {
    throw named("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw named("Runtime.HandlerNotFound", `${name} is not a function`);
  }
  if (nodeMajor >= 24 && handler.length >= 3 && !isStreaming(handler)) {
    const message = `${name} takes a callback, which nodejs24.x and later do not support: make it async`;
    throw named("Runtime.CallbackHandlerDeprecated", message);
  }
  return handler;
}

function locate(root, path) {
  const found = [".js", ".mjs", ".cjs"].map((ending) => resolve(root, path + ending)).find(isFile);
  if (found !== undefined) {
    return found;
  }
  try {
    return createRequire(join(root, "index.js")).resolve(`./${path}`);
  } catch (error) {
    throw named("Runtime.ImportModuleError", String(error), error);
  }
}

async function importModule(path) {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw named("Runtime.UserCodeSyntaxError", String(error), error);
    }
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") {
      throw named("Runtime.ImportModuleError", String(error), error);
    }
    throw error;
  }
}

function dig(value, path) {
  return path.split(".").reduce((inner, key) => inner?.[key], value);
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
