// This computer: files, folders, ports.
import { fileTrouble } from "../fs-error.ts";
import type { Rule } from "./rule.ts";

/** A firewall refuses these with the errors that files have. */
const NETWORK_CALLS = ["connect", "getaddrinfo"];

export const MACHINE: readonly Rule[] = [
  {
    code: "FolderGone",
    matches: ({ code, syscall }) => code === "ENOENT" && syscall === "uv_cwd",
    explain: () => ({ message: "the current folder no longer exists", hint: "Go to another one: cd" }),
  },
  {
    code: "PortInUse",
    matches: ({ code, syscall }) => syscall === "listen" && (code === "EADDRINUSE" || code === "EACCES"),
    explain: ({ message }) => ({
      message: `a port is in use, or not for you to use: ${message}`,
      hint: "Choose another one with LLM_GW_LOCAL_PORT.",
    }),
  },
  {
    code: "FileFailed",
    matches: ({ error, syscall }) => !NETWORK_CALLS.includes(syscall) && fileTrouble(error) !== undefined,
    explain: ({ error, message }) => {
      const path = error instanceof Error && "path" in error ? String(error.path) : message;
      const { reason, hint } = fileTrouble(error) ?? { reason: "it failed", hint: "Check the disk." };
      return { message: `${reason}: ${path}`, hint };
    },
  },
];
