import { spawn, spawnSync } from "node:child_process";
import { seen } from "./screen.ts";

const PROGRAM = new URL("../../bin/llm-gw.js", import.meta.url).pathname;
const COLUMNS = 80;
/** Runs a program on a terminal of its own and hands on what it writes there. */
const ON_TERMINAL = `
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, ${COLUMNS}, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    os.write(1, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
/** Whether there is what onTerminal needs; says so where not. */
export const hasTerminal = spawnSync("python3", ["-c", "import pty, termios"]).status === 0;
if (!hasTerminal) process.stderr.write("python3 is missing: the command line is not tried on a real terminal\n");

/** Runs the command line on a real terminal: what it wrote, and what a person sees in the end. */
export async function onTerminal(cwd: string, env: Record<string, string>, args: readonly string[]) {
  const child = spawn("python3", ["-c", ON_TERMINAL, process.execPath, PROGRAM, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, TERM: "xterm-256color", AWS_EC2_METADATA_DISABLED: "true", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let raw = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    raw += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, raw, screen: seen(raw, COLUMNS) };
}
