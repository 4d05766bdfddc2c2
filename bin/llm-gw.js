#!/usr/bin/env node
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  const message = `llm-gw needs Node 20.12 or newer, and this is ${process.versions.node}`;
  const hint = "Install a newer Node: https://nodejs.org/en/download";
  if (process.argv.includes("--json")) console.log(JSON.stringify({ error: { code: "NodeTooOld", message, hint } }));
  console.error(`error: ${message}\nhint: ${hint}`);
  process.exit(1);
}

const { main, processIo } = require("../dist/cli.cjs");

main(process.argv.slice(2), processIo(__filename)).then((exitCode) => {
  process.exitCode = exitCode;
});
