import type { CommandLine, Flag } from "./command-line.ts";

export function fish({ program, commands }: CommandLine): string {
  const first = [
    ...commands.map(({ name, description }) => `-a ${name} -d ${quoted(description)}`),
    ...program.flags.map(flagWords),
  ];
  const lines = [
    ...first.map((words) => `-n __fish_use_subcommand ${words}`),
    ...commands.flatMap(({ name, words, flags }) => {
      const all = [...words.map((word) => `-a ${word}`), ...flags.map(flagWords)];
      return all.map((one) => `-n '__fish_seen_subcommand_from ${name}' ${one}`);
    }),
  ];
  return `# To load it: llm-gw completion fish | source
complete -c llm-gw -f
${lines.map((line) => `complete -c llm-gw ${line}`).join("\n")}
`;
}

function flagWords({ name, description, value }: Flag): string {
  const after = { none: "", text: " -x", file: " -rF" };
  const words = value.kind === "choice" ? ` -x -a ${quoted(value.choices.join(" "))}` : after[value.kind];
  return `-l ${name.replace(/^--/, "")}${words} -d ${quoted(description)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
