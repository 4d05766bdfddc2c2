import { queryWire } from "../wire/query.ts";
import type { Service } from "../wire/service.ts";
import { attachmentOperations } from "./iam-attachments.ts";
import { boundaryOperations } from "./iam-boundaries.ts";
import { inlinePolicyOperations } from "./iam-inline-policies.ts";
import { managedPolicyOperations } from "./iam-managed-policies.ts";
import { roleTagOperations } from "./iam-role-tags.ts";
import { roleOperations } from "./iam-roles.ts";
import { simulationOperations } from "./iam-simulation.ts";

const operations = new Map(
  Object.entries({
    ...roleOperations,
    ...roleTagOperations,
    ...attachmentOperations,
    ...inlinePolicyOperations,
    ...boundaryOperations,
    ...managedPolicyOperations,
    ...simulationOperations,
  }),
);

export const iam: Service = {
  name: "iam",
  operations,
  wire: queryWire({ version: "2010-05-08", namespace: "https://iam.amazonaws.com/doc/2010-05-08/", operations }),
};
