import type { CommandLine, CommandWords, Value } from "./command-line.ts";

/** For bash 3.2, which macOS has, and later; needs nothing of the bash-completion package. */
export function bash({ program, commands }: CommandLine): string {
  const first = [...commands.map(({ name }) => name), ...program.flags.map(({ name }) => name)];
  return `# To load it: eval "$(llm-gw completion bash)"
_llm_gw() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  case "$COMP_CWORD:\${COMP_WORDS[1]}:\${COMP_WORDS[COMP_CWORD - 1]}" in
    1:*) words="${first.join(" ")}" ;;
${commands.flatMap(cases).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
_llm_gw_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$1"))
}
complete -F _llm_gw llm-gw
`;
}

function cases({ name, words, flags }: CommandWords): string[] {
  const after = (kind: Value["kind"]) => {
    const names = flags.filter(({ value }) => value.kind === kind).map((flag) => `*:${name}:${flag.name}`);
    return names.length === 0 ? [] : [`    ${names.join(" | ")}`];
  };
  const choices = flags.flatMap(({ name: flag, value }) =>
    value.kind === "choice" ? [`    *:${name}:${flag}) words="${value.choices.join(" ")}" ;;`] : [],
  );
  const all = [...words, ...flags.map((flag) => flag.name)].join(" ");
  return [
    ...after("text").map((pattern) => `${pattern}) return ;;`),
    ...after("file").map((pattern) => `${pattern}) _llm_gw_files "$word"; return ;;`),
    ...choices,
    `    *:${name}:*) words="${all}" ;;`,
  ];
}
