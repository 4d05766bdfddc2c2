import type { Flags } from "../config/settings.ts";
import type { CommandSpec } from "./command.ts";
import { functionFlags, gatewayFlags } from "./flags.ts";

export const doctor: CommandSpec = {
  name: "doctor",
  description: "look at what deploy needs: configuration, function, credentials, clock, permissions",
  define: (command, act) =>
    functionFlags(gatewayFlags(command)).action((flags: Flags) =>
      act(async (options, io, progress) => {
        const { doctor } = await import("../commands/doctor.ts");
        const { lines, ...json } = await doctor(options, io, progress);
        return { lines, json, ...(json.healthy ? {} : { exitCode: 1 }) };
      }, flags),
    ),
};
