// This computer: files, folders, ports.
import { fileTrouble } from "../fs-error.ts";
import type { Rule } from "./rule.ts";

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
      hint: "Choose another one: LLM_GW_LOCAL_PORT=4578",
    }),
  },
  {
    code: "FileFailed",
    matches: ({ error, syscall }) => !NETWORK_CALLS.includes(syscall) && fileTrouble(error) !== undefined,
    explain: ({ error, message }) => {
      const trouble = fileTrouble(error);
      const path = error instanceof Error && "path" in error ? ` ${String(error.path)}` : "";
      return {
        message: trouble === undefined ? message : `${trouble.reason}:${path || ` ${message}`}`,
        hint: trouble?.hint ?? "",
      };
    },
  },
];

const NETWORK_CALLS = ["connect", "getaddrinfo", "read", "write"];
