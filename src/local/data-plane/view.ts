import { secretOf } from "../credentials.ts";
import { servedDeployment } from "../services/apigatewayv2-deployments.ts";
import { permittedOf, qualifiedByArn, runnable } from "../services/lambda-qualifiers.ts";
import { appendLogEvent } from "../services/logs-events.ts";
import type { Account } from "../store/account.ts";
import type { Api } from "../store/apigatewayv2.ts";
import type { CallableFunction, DataPlaneAccount, ServedStage } from "./account.ts";

/** The account as the data plane sees it: what is deployed and settled, never what is being edited. */
export function dataPlaneView(account: Account): DataPlaneAccount {
  return {
    accountId: account.accountId,
    region: account.region,
    stage: (apiId, stageName) => servedStage(account.apis.get(apiId), stageName),
    function: (functionArn) => callableFunction(account, functionArn),
    secretAccessKey: secretOf,
    log: (destinationArn, stream, line) => {
      const [, group = ""] = destinationArn.split(":log-group:");
      appendLogEvent(account, group, stream, line);
    },
  };
}

function servedStage(api: Api | undefined, stageName: string): ServedStage | undefined {
  const stage = api?.stages.get(stageName);
  // Switching the endpoint off works at once here; AWS wants a deployment first.
  if (api === undefined || stage === undefined || api.disableExecuteApiEndpoint) {
    return undefined;
  }
  const deployment = servedDeployment(api, stage);
  return deployment && { apiId: api.apiId, stage, deployment, cacheResetAt: stage.cacheResetAt };
}

function callableFunction(account: Account, functionArn: string): CallableFunction | undefined {
  const found = qualifiedByArn(account, functionArn);
  return found && { version: runnable(found), policy: permittedOf(found).policy };
}
