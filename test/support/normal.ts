const FINGERPRINT = "FINGERPRINT".padEnd(32, "_");

/** Text with all that differs from run to run replaced, so that it can be kept as a snapshot. */
export function normal(text: string, folder: string): string {
  return (
    text
      .replaceAll(folder, "FOLDER")
      .replace(/http:\/\/127\.0\.0\.1:\d+/g, "http://127.0.0.1:PORT")
      .replace(/LLM_GW_LOCAL_PORT=\d+/g, "LLM_GW_LOCAL_PORT=PORT")
      .replace(/execute-api\/[a-z0-9]{10}/g, "execute-api/APIIDAPIID")
      .replace(/"apiId":"[a-z0-9]{10}"/g, '"apiId":"APIIDAPIID"')
      .replace(/\/apis\/[a-z0-9]{10}/g, "/apis/APIIDAPIID")
      .replace(/(?<![0-9a-f])[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "UUID")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
      // The built-in function and the fingerprint of an API differ with every change of ours.
      .replace(/code: \S{12} -> \S{12}/g, "code: SHA256SHA256 -> SHA256SHA256")
      .replace(
        /(llm-gw\s+)([0-9a-f]{32}|[0-9a-f]+(?=…))/g,
        (_all, name, hex) => name + FINGERPRINT.slice(0, hex.length),
      )
      .replace(/deploymentId: \w+ -> \w+/g, "deploymentId: ID -> ID")
      .replace(/\d+ kB, sha256 \S{12}/g, "SIZE kB, sha256 SHA256SHA256")
      .replace(/"sha256":"[^"]+","sizeBytes":\d+/g, '"sha256":"SHA256","sizeBytes":SIZE')
      .replace(/"(durationMs|startMs|endMs)":\d+/g, '"$1":MS')
      .replace(/\+\d+\.\d{3} s aws/g, "+T s aws")
      .replace(/ in \d+ ms, request/g, " in T, request")
      .replace(/ in (\d+ ms|[\d.]+ s)$/gm, " in T")
      // Memory is measured where a request takes long enough.
      .replace(/[\d.]+ ms, billed \d+ ms, (\d+ of )?(\d+ MB)(, init [\d.]+ ms)?/g, "T ms, billed T ms, N of $2$3")
      .replace(/, init [\d.]+ ms/g, ", init T ms")
      .replace(/((?:Init |Billed )?Duration): [\d.]+ ms/g, "$1: T ms")
      .replace(/(Memory Size: \d+ MB)(\\tMax Memory Used: \d+ MB)?/g, "$1\\tMax Memory Used: N MB")
      .replace(/timeline of (\d+ ms|[\d.]+ s)/g, "timeline of T")
  );
}

/** What goes on in parallel ends in any order: such lines are sorted, as far as they follow one another. */
export function inOrder(text: string): string {
  const result: string[] = [];
  let block: string[] = [];
  for (const line of text.split("\n")) {
    const before = block.pop();
    if (/^(\{\w*\})?[+~±-](\{\})? \S|^ {2}\+T s aws/.test(line))
      block.push(...(before === undefined ? [] : [before]), line);
    // The rest of a line that was too long.
    else if (before !== undefined && /^ {2}\S/.test(line)) block.push(`${before}\n${line}`);
    else {
      result.push(...[...block, ...(before === undefined ? [] : [before])].sort(), line);
      block = [];
    }
  }
  return [...result, ...block.sort()].join("\n");
}
