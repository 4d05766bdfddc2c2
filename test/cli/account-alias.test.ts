// The account's name for people: asked for in a terminal alone, and nobody waits for it or fails without it.
import { expect, onTestFinished, test } from "vitest";
import { llmGw, temporaryFolder } from "../support/cli.ts";
import { hasTerminal, onTerminal } from "../support/on-terminal.ts";
import { listen, reply, sendOn } from "../support/relay.ts";
import { startLocal } from "../support/served-aws.ts";

const OF_IAM = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"';
const GIVEN = `<ListAccountAliasesResponse ${OF_IAM}><ListAccountAliasesResult><AccountAliases><member>my-company</member></AccountAliases><IsTruncated>false</IsTruncated></ListAccountAliasesResult></ListAccountAliasesResponse>`;
const DENIED = `<ErrorResponse ${OF_IAM}><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`;

/** An AWS that answers so when it is asked for the alias, and everything else only after that, if `first`. */
async function withAlias(status: number, body: string, first: boolean) {
  const aws = await startLocal();
  let asked = 0;
  let answer = () => {};
  const isAnswered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const relay = await listen(async (sent, outgoing) => {
    const action = new URLSearchParams(sent.body.toString("utf8")).get("Action");
    if (action === "ListAccountAliases") {
      asked += 1;
      reply(outgoing, { status, headers: { "content-type": "text/xml" }, body: Buffer.from(body) });
      outgoing.on("finish", answer);
      return;
    }
    if (first && action !== "GetCallerIdentity") await isAnswered;
    reply(outgoing, await sendOn(aws.url, sent));
  });
  onTestFinished(async () => {
    await Promise.all([relay.close(), aws.close()]);
  });
  return { env: { ...aws.env, AWS_ENDPOINT_URL: relay.url }, asked: () => asked };
}

test.runIf(hasTerminal)("is shown beside the account's number", async () => {
  const { env } = await withAlias(200, GIVEN, true);
  const { code, screen } = await onTerminal(await temporaryFolder(), env, ["deploy"]);
  expect(code).toBe(0);
  expect(screen).toContain("llm-gw-prod in eu-west-1, account 000000000000 (my-company)");
});

test.runIf(hasTerminal)("is left out where it may not be read", async () => {
  const { env } = await withAlias(403, DENIED, true);
  const { code, screen } = await onTerminal(await temporaryFolder(), env, ["deploy"]);
  expect(code).toBe(0);
  expect(screen).toContain("llm-gw-prod in eu-west-1, account 000000000000{}\n");
  expect(screen).not.toContain("denied");
});

test("is not asked for where nobody looks", async () => {
  const { env, asked } = await withAlias(200, GIVEN, false);
  expect(await llmGw(await temporaryFolder(), env, ["deploy"])).toMatchObject({ code: 0 });
  expect(asked()).toBe(0);
});
