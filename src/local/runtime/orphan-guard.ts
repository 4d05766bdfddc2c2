import { type ChildProcess, spawn } from "node:child_process";

// Its stdin ends when the local AWS does, however that comes about. What is then still listed is killed.
const PROGRAM = `
groups=" "
while read -r change group; do
  if [ "$change" = + ]; then groups="$groups$group "; else groups="\${groups% $group *} \${groups##* $group }"; fi
done
for group in $groups; do kill -9 "-$group"; done
`;

/**
 * Ends the process groups of functions when this process is killed and cannot do it any more: a handler in a busy loop
 * never notices by itself, and what it started neither. Windows has no process groups; there it does nothing.
 */
export class OrphanGuard {
  #shell: ChildProcess | undefined;

  add(group: number): void {
    this.#write(`+ ${group}\n`);
  }

  remove(group: number): void {
    this.#write(`- ${group}\n`);
  }

  close(): void {
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }

  #write(line: string): void {
    if (process.platform === "win32") {
      return;
    }
    this.#shell ??= this.#start();
    this.#shell.stdin?.write(line);
  }

  #start(): ChildProcess {
    // In a group of its own: a Ctrl-C in the terminal must not end it before the functions are.
    const shell = spawn("/bin/sh", ["-c", PROGRAM], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    shell.on("error", () => {});
    shell.stdin.on("error", () => {});
    shell.unref();
    return shell;
  }
}
