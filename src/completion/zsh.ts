import type { CommandLine, CommandWords, Flag } from "./command-line.ts";

/** For zsh's completion system: sourced after compinit, or as a file _llm-gw in a folder of fpath. */
export function zsh({ program, commands }: CommandLine): string {
  const list = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  return `#compdef llm-gw
# To load it, after compinit: eval "$(llm-gw completion zsh)"
_llm_gw() {
  local -a commands=(
${list.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    _arguments ${program.flags.map(argument).join(" ")}
    return
  fi
  local command="$words[2]"
  shift words
  ((CURRENT--))
  case "$command" in
${commands.map(oneCase).join("\n")}
  esac
}
if [[ "$funcstack[1]" == _llm-gw ]]; then _llm_gw "$@"; else compdef _llm_gw llm-gw; fi
`;
}

function oneCase({ name, words, flags }: CommandWords): string {
  const choices = words.length === 0 ? [] : [quoted(`:argument:(${words.join(" ")})`)];
  return `    ${name})
      _arguments ${[...choices, ...flags.map(argument)].join(" \\\n        ")}
      ;;`;
}

/** May stand several times: what is given twice by mistake is no matter for completion. */
function argument({ name, description, value }: Flag): string {
  const action = { none: "", text: ":value: ", file: ":file:_files" };
  const after = value.kind === "choice" ? `:value:(${value.choices.join(" ")})` : action[value.kind];
  return quoted(`*${name}[${description.replaceAll(/[[\]\\]/g, "\\$&")}]${after}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
