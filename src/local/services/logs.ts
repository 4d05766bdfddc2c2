import { json11Wire } from "../wire/json-1-1.ts";
import type { Service } from "../wire/service.ts";
import { eventOperations } from "./logs-events.ts";
import { groupOperations } from "./logs-groups.ts";

export const logs: Service = {
  name: "logs",
  operations: new Map(Object.entries({ ...groupOperations, ...eventOperations })),
  wire: json11Wire({ targetPrefix: "Logs_20140328" }),
};
