import type { Backend } from "./backend.ts";

/** Answers with the prompt and says so. Its token counts are estimates: words between white space. */
export function connect(): Backend {
  return {
    async complete({ prompt }) {
      const text = `[echo backend] ${prompt}`;
      return { text, finishReason: "stop", usage: { promptTokens: words(prompt), completionTokens: words(text) } };
    },
  };
}

function words(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
