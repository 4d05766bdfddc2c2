// docs/commands.md, from what the command line says of itself.

const INTRODUCTION = `<!-- Made from the command line by: npm run docs -->

# Commands

What \`llm-gw --help\` and \`llm-gw COMMAND --help\` say. How results, exit codes and JSON documents look is in
[scripting.md](scripting.md), what can be configured in [configuration.md](configuration.md).
`;

/**
 * The whole page, as Markdown.
 * @param help runs the command line with these arguments and `--help`, and returns what it prints
 */
export async function commandsPage(help: (args: readonly string[]) => Promise<string>): Promise<string> {
  const overview = await help([]);
  const [, list = ""] = overview.split("\nCommands:\n");
  const names = [...list.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
  const each = await Promise.all(names.map(async (name) => section(`llm-gw ${name}`, await help([name]))));
  return [INTRODUCTION, section("llm-gw", overview), ...each].join("\n");
}

function section(title: string, text: string): string {
  return `## ${title}\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`;
}
