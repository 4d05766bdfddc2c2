import type { Gap } from "./gaps.ts";

/** What moto 5.2.5 does otherwise than AWS, as far as the end-to-end tests meet it. It has no deployments of API Gateway v2, so only gateways with autoDeploy are tried. */
export const MOTO_GAPS: readonly Gap[] = [
  {
    test: "auto-deploy > one property changes > of the stage",
    fails: /what answered is not AWS/,
    because: "UpdateStage of API Gateway v2 is missing: it answers 500 with a page of HTML",
  },
  {
    test: "auto-deploy > the deployed gateway answers > through its URL",
    fails: /expected \{ code: 1/,
    because: "it serves no URLs of HTTP APIs",
  },
  {
    test: "auto-deploy > the deployed gateway answers > with invoke --via lambda",
    fails: /expected \{ code: 1/,
    because: "it runs functions in containers alone",
  },
];
