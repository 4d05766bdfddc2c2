#!/usr/bin/env node
// From Node 22.1 on: what has been compiled is kept for the next start.
require("node:module").enableCompileCache?.();
const { main, processIo } = require("../dist/cli.cjs");

main(process.argv.slice(2), processIo(__filename)).then((exitCode) => {
  process.exitCode = exitCode;
});
