// What is not ours: neighbours with names like ours, and whoever takes a name of ours.
import { CreateApiCommand, DeleteApiCommand, GetApisCommand } from "@aws-sdk/client-apigatewayv2";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, DeleteRoleCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, DeleteFunctionCommand } from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import type { Snapshot } from "../../src/local/regions.ts";
import { describeAccount } from "../matrix/account.ts";
import { FOREIGN_SECRET } from "../matrix/secrets.ts";
import { clients } from "../support/account.ts";
import type { TestAws } from "../support/local-aws.ts";
import { GATEWAY, removeApi, removeRole } from "./gateway.ts";

const OTHER_STAGE = { "llm-gw:gateway": "llm-gw", "llm-gw:stage": "dev" };
const NEIGHBOUR_ROLE = `${GATEWAY.roleName}-2`;

/** Things whose names begin like ours, or that are of another stage of the same gateway. */
export async function makeNeighbours(aws: TestAws): Promise<void> {
  const { apigateway, logs } = clients(aws);
  await createRole(aws, NEIGHBOUR_ROLE);
  await createFunction(aws, `${GATEWAY.functionName}-2`);
  await logs.send(new CreateLogGroupCommand({ logGroupName: `${GATEWAY.logGroupName}-2` }));
  await apigateway.send(new CreateApiCommand({ Name: "llm-gw-dev", ProtocolType: "HTTP", Tags: OTHER_STAGE }));
}

/** Who takes a name from us, and gives it back. */
export const STRANGERS = {
  role: {
    async take(aws: TestAws) {
      await removeRole(aws);
      await createRole(aws, GATEWAY.roleName);
    },
    leave: (aws: TestAws) => clients(aws).iam.send(new DeleteRoleCommand({ RoleName: GATEWAY.roleName })),
  },
  function: {
    async take(aws: TestAws) {
      const { lambda } = clients(aws);
      await lambda.send(new DeleteFunctionCommand({ FunctionName: GATEWAY.functionName })).catch(() => undefined);
      await createFunction(aws, GATEWAY.functionName);
    },
    leave: (aws: TestAws) =>
      clients(aws).lambda.send(new DeleteFunctionCommand({ FunctionName: GATEWAY.functionName })),
  },
  API: {
    async take(aws: TestAws) {
      await removeApi(aws);
      await clients(aws).apigateway.send(new CreateApiCommand({ Name: GATEWAY.apiName, ProtocolType: "HTTP" }));
    },
    async leave(aws: TestAws) {
      const { apigateway } = clients(aws);
      const { Items = [] } = await apigateway.send(new GetApisCommand({}));
      for (const { ApiId } of Items.filter(({ Name }) => Name === GATEWAY.apiName)) {
        await apigateway.send(new DeleteApiCommand({ ApiId }));
      }
    },
  },
};

export type StrangerName = keyof typeof STRANGERS;
export const STRANGER_NAMES: readonly StrangerName[] = ["role", "function", "API"];

/** The account without what carries our tags: no command may ever change it. */
export function describeStrangers(account: Snapshot): unknown {
  const theirs = [...account].map(([region, all]) => {
    const contents = {
      ...all,
      roles: without(all.roles),
      functions: without(all.functions),
      apis: without(all.apis),
      logGroups: without(all.logGroups),
    };
    return [region, contents] as const;
  });
  return describeAccount(new Map(theirs));
}

function without<T extends { readonly tags: ReadonlyMap<string, string> }>(all: ReadonlyMap<string, T>) {
  const isOurs = ({ tags }: T) => Object.entries(GATEWAY.ownerTags).every(([key, value]) => tags.get(key) === value);
  return new Map([...all].filter(([, one]) => !isOurs(one)));
}

async function createRole(aws: TestAws, RoleName: string): Promise<void> {
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  await clients(aws).iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Description: "theirs" }));
}

async function createFunction(aws: TestAws, FunctionName: string): Promise<void> {
  await clients(aws).lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: `arn:aws:iam::${aws.account}:role/${NEIGHBOUR_ROLE}`,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zipSync({ "index.js": Buffer.from("exports.handler = async () => 1;") }) },
      Environment: { Variables: { THEIRS: FOREIGN_SECRET } },
    }),
  );
}
