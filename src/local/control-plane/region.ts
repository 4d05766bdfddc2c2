import { AwsError, notImplemented } from "../aws-error.ts";

/** The names of Regions, by partition [aws 2.1: partitions.json of botocore]. */
const PARTITIONS = {
  aws: /^(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$/,
  "aws-cn": /^cn-[a-z]+-\d+$/,
  "aws-us-gov": /^us-gov-[a-z]+-\d+$/,
  "aws-eusc": /^eusc-[a-z]+-[a-z]+-\d+$/,
};

/** Whether a Region is one of those that are here. Partitions but `aws` have ARNs of their own, which are not. */
export function hasRegion(region: string): boolean {
  return PARTITIONS.aws.test(region);
}

/** Refuses a Region that no call can be signed for. */
export function checkRegion(region: string, service: string): void {
  if (hasRegion(region)) return;
  const partition = Object.entries(PARTITIONS).find(([, names]) => names.test(region))?.[0];
  if (partition !== undefined) throw notImplemented(`the partition ${partition} of ${region}`);
  const code = service === "iam" || service === "sts" ? "SignatureDoesNotMatch" : "InvalidSignatureException";
  throw new AwsError(code, 403, "Credential should be scoped to a valid region.");
}
