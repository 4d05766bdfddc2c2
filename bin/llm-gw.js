#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { main, processIo } from "../dist/cli.mjs";

process.exitCode = await main(process.argv.slice(2), processIo(fileURLToPath(import.meta.url)));
