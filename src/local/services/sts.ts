import * as z from "zod";
import { LOCAL_USER_NAME } from "../credentials.ts";
import { queryWire } from "../wire/query.ts";
import { operationsOf, type Service } from "../wire/service.ts";

const operation = operationsOf("STS", "ValidationError", "MalformedInput");

const operations = new Map([
  [
    "GetCallerIdentity",
    operation(z.strictObject({}), (account) => ({
      Account: account.accountId,
      Arn: `arn:aws:iam::${account.accountId}:user/${LOCAL_USER_NAME}`,
      UserId: "AIDALLMGWLOCALAWS0000",
    })),
  ],
]);

export const sts: Service = {
  name: "sts",
  operations,
  wire: queryWire({ version: "2011-06-15", namespace: "https://sts.amazonaws.com/doc/2011-06-15/", operations }),
};
