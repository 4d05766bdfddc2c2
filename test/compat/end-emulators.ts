// Runs before each file of tests that may start emulators.
import { afterAll } from "vitest";
import { endEmulators } from "./servers.ts";

afterAll(endEmulators);
