import { fileURLToPath } from "node:url";

/** The programs that run a handler inside its process; the build copies them beside the bundle. */
export const bootstrapPaths = {
  node: fileURLToPath(new URL("./bootstrap/node.mjs", import.meta.url)),
  python: fileURLToPath(new URL("./bootstrap/python.py", import.meta.url)),
};
