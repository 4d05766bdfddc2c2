import type { Command } from "commander";

/**
 * Whatever follows a flag with a value is its value: `--profile --dry-run` would deploy. Fails when that is the name of
 * another flag of the command, which hardly anybody means.
 */
export function refuseSwallowedFlag(command: Command, argv: readonly string[]): void {
  const flags = command.createHelp().visibleOptions(command);
  const named = (word: string | undefined) =>
    flags.find(({ short, long }) => word !== undefined && (word === short || word === long));
  const words = argv.slice(argv.indexOf(command.name()) + 1);
  for (let n = 0; n < words.length && words[n] !== "--"; n++) {
    const [word, next] = words.slice(n, n + 2);
    if (!named(word)?.required) continue;
    if (named(next)) {
      command.error(`${word} needs a value, and ${next} is a flag\nIf it is the value, write ${word}=${next}`);
    }
    n += 1;
  }
}
