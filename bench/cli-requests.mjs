// As many requests as `status` makes calls, all at once: not signed, not read, without the SDK and without a command line.
import { request } from "node:http";

const [, , url, count] = process.argv;
for (let i = 0; i < Number(count); i++) request(url, (answer) => answer.resume()).end();
