import { sign } from "../../local/signing-fixture.ts";
import { errorCode } from "../model/check-answer.ts";
import {
  type Asked,
  BASIC_EXECUTION,
  IDENTITY_POLICY,
  logs,
  query,
  rest,
  trust,
  type Verdict,
  type World,
  ZIP,
} from "./row.ts";

/** An AWS, and as whom it is asked. */
export interface Target {
  readonly url: string;
  readonly account: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a row asks of a target without a signature. */
const UNSIGNED = "x-unsigned";
const REGION = "eu-west-1";

async function send(target: Target, { service, method, path, headers, body }: Asked): Promise<Response> {
  const url = target.url + path;
  const { accessKeyId, secretAccessKey } = target;
  const signed =
    UNSIGNED in headers
      ? headers
      : await sign({
          url,
          method,
          headers,
          service,
          region: REGION,
          credentials: { accessKeyId, secretAccessKey },
          ...(body !== "" && { body }),
        });
  return fetch(url, { method, headers: signed, ...(body !== "" && { body }) });
}

/** What a target answers to a request: accepted, or its status and error code. */
export async function verdict(target: Target, asked: Asked): Promise<Verdict> {
  const answer = await send(target, asked);
  const body = Buffer.from(await answer.arrayBuffer());
  if (answer.ok) return "accepted";
  const headers = Object.fromEntries(answer.headers);
  return `${answer.status} ${errorCode({ headers, body }) ?? "without code"}`;
}

/** Makes what the rows are about: the same in every target. */
export async function makeWorld(target: Target): Promise<World> {
  const ask = async (asked: Asked) => {
    const answer = await send(target, asked);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${asked.method} ${asked.path} is refused with ${answer.status}: ${text}`);
    return text;
  };
  const idOf = async (name: string, asked: Asked): Promise<string> => {
    const answer: Record<string, string> = JSON.parse(await ask(asked));
    return answer[name] ?? "";
  };
  const iam = (action: string, members: Record<string, string>) => ask(query("iam", action, members));

  for (const [RoleName, service] of Object.entries({ diff: "lambda", inline: "lambda", foreign: "ec2" })) {
    await iam("CreateRole", { RoleName, AssumeRolePolicyDocument: trust(service) });
  }
  await iam("AttachRolePolicy", { RoleName: "diff", PolicyArn: BASIC_EXECUTION });
  await iam("PutRolePolicy", { RoleName: "inline", PolicyName: "p", PolicyDocument: IDENTITY_POLICY });

  const roleArn = `arn:aws:iam::${target.account}:role/diff`;
  const fn = (FunctionName: string) =>
    idOf(
      "FunctionArn",
      rest("lambda", "POST", "/2015-03-31/functions", {
        FunctionName,
        Role: roleArn,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Code: { ZipFile: ZIP },
      }),
    );
  const functionArn = await fn("diff");
  await fn("bare");
  await ask(
    rest("lambda", "POST", "/2015-03-31/functions/diff/policy", {
      StatementId: "sid",
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
    }),
  );

  const api = (path: string, body: object) => rest("apigateway", "POST", `/v2/apis${path}`, body);
  const apiId = await idOf("apiId", api("", { name: "diff", protocolType: "HTTP" }));
  const integrationId = await idOf(
    "integrationId",
    api(`/${apiId}/integrations`, {
      integrationType: "AWS_PROXY",
      integrationUri: functionArn,
      payloadFormatVersion: "2.0",
    }),
  );
  const routed = `integrations/${integrationId}`;
  await ask(api(`/${apiId}/routes`, { routeKey: "GET /b", target: routed }));
  const routeId = await idOf("routeId", api(`/${apiId}/routes`, { routeKey: "GET /a", target: routed }));
  await ask(api(`/${apiId}/stages`, { stageName: "auto", autoDeploy: true }));
  // moto has none.
  const deploymentId = await idOf("deploymentId", api(`/${apiId}/deployments`, {})).catch(() => "none");
  if (deploymentId !== "none") await ask(api(`/${apiId}/stages`, { stageName: "held", deploymentId }));

  await ask(logs("CreateLogGroup", { logGroupName: "diff" }));
  const foreignRoleArn = `arn:aws:iam::${target.account}:role/foreign`;
  await settled(target);
  return { account: target.account, roleArn, foreignRoleArn, functionArn, apiId, integrationId, routeId, deploymentId };
}

const SETTLE_TRIES = 100;

/** Waits until both functions are active: before that, updates are refused for that reason. */
async function settled(target: Target): Promise<void> {
  for (const name of ["diff", "bare"]) {
    for (let n = 1; ; n += 1) {
      const answer = await send(target, rest("lambda", "GET", `/2015-03-31/functions/${name}/configuration`));
      const { State }: { State?: string } = JSON.parse(await answer.text());
      if (State === "Active") break;
      if (n === SETTLE_TRIES) throw new Error(`the function ${name} stays ${State}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
