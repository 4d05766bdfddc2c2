import { json11Wire } from "../wire/json-1-1.ts";
import type { Service } from "../wire/service.ts";
import { groupOperations } from "./logs-groups.ts";
import { readingOperations } from "./logs-reading.ts";
import { streamOperations } from "./logs-streams.ts";
import { tagOperations } from "./logs-tags.ts";
import { writingOperations } from "./logs-writing.ts";

export const logs: Service = {
  name: "logs",
  operations: new Map(
    Object.entries({
      ...groupOperations,
      ...tagOperations,
      ...streamOperations,
      ...writingOperations,
      ...readingOperations,
    }),
  ),
  wire: json11Wire({ targetPrefix: "Logs_20140328" }),
};
