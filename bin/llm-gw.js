#!/usr/bin/env node
const [major, minor] = process.versions.node.split(".").map(Number);

if (major > 20 || (major === 20 && minor >= 12)) {
  // From Node 22.1 on: what has been compiled is kept for the next start.
  require("node:module").enableCompileCache?.();
  const { main, processIo } = require("../dist/cli.cjs");
  main(process.argv.slice(2), processIo(__filename)).then((exitCode) => {
    process.exitCode = exitCode;
  });
} else {
  const message = `llm-gw needs Node 20.12 or newer, and this is ${process.versions.node}`;
  const hint = "Install a newer Node: https://nodejs.org/en/download";
  const json = JSON.stringify({ error: { code: "NodeTooOld", message, hint } });
  if (process.argv.includes("--json")) process.stdout.write(`${json}\n`);
  process.stderr.write(`error: ${message}\nhint: ${hint}\n`);
  process.exitCode = 1;
}
