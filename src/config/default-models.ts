import { type GatewayError, usageError } from "../errors.ts";
import type { Models } from "./models.ts";
import { nearest } from "./suggest.ts";

/** Amazon's own models need no subscription. */
const MODEL = "amazon.nova-micro-v1:0";

/**
 * Where it is called, by what its id begins with there: an inference profile's geography, or nothing [Bedrock user guide:
 * models-regions]. A Region that is not listed may have no such profile, or one whose geography its name does not tell.
 */
const REGIONS: Readonly<Record<string, readonly string[]>> = {
  "us.": ["us-east-1", "us-east-2", "us-west-2"],
  "eu.": ["eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"],
  "apac.": [
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-7",
  ],
  "": ["eu-west-2", "us-gov-west-1"],
};

/** For suggestions alone: there are more Regions than these, and new ones. */
export const REGION_NAMES: readonly string[] = Object.values(REGIONS).flat();

/** Used when no model is configured; empty where Nova Micro is not known to be. */
export function defaultModels(region: string): Models {
  const [prefix] = Object.entries(REGIONS).find(([, regions]) => regions.includes(region)) ?? [];
  return prefix === undefined ? {} : { default: [{ backend: "bedrock", model: `${prefix}${MODEL}` }] };
}

/** For a Region in which `defaultModels` has none. */
export function noDefaultModel(region: string): GatewayError {
  const near = nearest(region, REGION_NAMES);
  const put = near === undefined ? "Put" : `Did you mean ${near}, which has it? If not, put`;
  return usageError(
    `no model is configured, and ${region} is not known to have the default one, Amazon Nova Micro on Bedrock`,
    `${put} "models" into llm-gw.json, like {"default": "bedrock:MODEL"}; what there is: aws bedrock list-inference-profiles --region ${region}`,
  );
}
