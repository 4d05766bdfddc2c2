// Calls the built-in function in a fresh process: node handler-host.mjs FOLDER EVENTS-AS-JSON [REPEAT]
// Writes {"times", "answer"}, the milliseconds of each call and what the last one answered, to file descriptor 3.
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, events, repeat = "1"] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(`${folder}/index.mjs`));
const context = { awsRequestId: "00000000-0000-0000-0000-000000000000", getRemainingTimeInMillis: () => 60_000 };
const times = [];
let answer;
for (let i = 0; i < Number(repeat); i++) {
  for (const event of JSON.parse(events)) {
    const start = performance.now();
    answer = await handler(event, context);
    times.push(performance.now() - start);
  }
}
writeFileSync(3, JSON.stringify({ times, answer }));
process.exit();
