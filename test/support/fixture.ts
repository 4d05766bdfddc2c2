import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { temporaryFolder } from "./cli.ts";
import { startAws, type TestAws } from "./local-aws.ts";

/** The local AWS and the folder of the running test, once one of the functions below has been called in its file. */
export let aws: TestAws;
export let folder: string;

/** An empty account and an empty folder for each test. */
export function freshAwsForEachTest(): void {
  beforeEach(async () => {
    aws = await startAws();
    folder = await temporaryFolder();
  });
  afterEach(() => aws.close());
}

/** One account for all tests of the file; each begins with an empty folder and an empty log of calls. */
export function oneAwsForAllTests(): void {
  beforeAll(async () => {
    aws = await startAws();
  });
  afterAll(() => aws.close());
  beforeEach(async () => {
    folder = await temporaryFolder();
    await aws.calls();
  });
}
