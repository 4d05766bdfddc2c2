// The way to AWS: names, certificates, proxies, and what answers in AWS's place.
import { REGION_NAMES } from "../config/default-models.ts";
import { nearest } from "../config/suggest.ts";
import type { Failure, Rule, Situation } from "./rule.ts";

export const CONNECTION: readonly Rule[] = [
  {
    code: "NoConnection",
    matches: ({ code }) => code === "ENOTFOUND" || code === "EAI_AGAIN",
    explain: (failure, situation) => ({
      message: `AWS cannot be reached: the name ${/(?:ENOTFOUND|EAI_AGAIN) (\S+)/.exec(failure.message)?.[1] ?? "of its server"} is unknown here`,
      hint: `Check the network, and that the region exists${meantRegion(failure)} ${pointers(situation)}`.trim(),
    }),
  },
  {
    code: "UntrustedCertificate",
    matches: ({ code }) => /^(ERR_TLS|CERT_|UNABLE_TO_|DEPTH_|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(code),
    explain: ({ message }, situation) => ({
      message: `AWS cannot be reached: its certificate is not trusted (${message.trim()})`,
      hint: `Where a company's proxy opens connections, name its certificate: NODE_EXTRA_CA_CERTS=FILE. Else check this computer's clock. ${pointers(situation)}`.trim(),
    }),
  },
  {
    code: "NoConnection",
    matches: (failure) => isUnanswered(failure),
    explain: ({ message, name }, situation) => ({
      message: `AWS cannot be reached: ${message.trim() || name}`,
      hint: `Check the network, a proxy, and the region's name. ${pointers(situation)}`.trim(),
    }),
  },
  {
    // A web page where a service of AWS would have answered JSON or XML: the SDK's parsers throw on it.
    code: "NotAws",
    matches: ({ error }) => error instanceof Error && "$response" in error && !("$fault" in error),
    explain: (_failure, situation) => ({
      message: "what answered is not AWS: its answer cannot be read",
      hint: `Check for a proxy or a sign-in page of the network. ${pointers(situation)}`.trim(),
    }),
  },
];

/** The Region that may have been meant by the one in the name of a server that does not exist. */
function meantRegion({ code, message }: Failure): string {
  const [, region = ""] = /\.([a-z]+(?:-[a-z]+)+-\d)\.amazonaws\./.exec(message) ?? [];
  const near = code === "ENOTFOUND" && !REGION_NAMES.includes(region) ? nearest(region, REGION_NAMES) : undefined;
  return near === undefined ? "." : `: did you mean ${near}?`;
}

function isUnanswered({ status, name, code }: Failure): boolean {
  if (status !== undefined) return false;
  return name === "TimeoutError" || code === "ERR_INVALID_URL" || /^(E[A-Z]|HPE_|ERR_SSL)/.test(code);
}

/** The settings that lead elsewhere, if there are any. */
function pointers({ env }: Situation): string {
  const set = (pattern: RegExp) => Object.keys(env).filter((name) => pattern.test(name) && env[name]);
  const endpoints = set(/^AWS_ENDPOINT_URL/);
  const [proxy] = set(/^https?_proxy$/i);
  return [
    ...(endpoints.length > 0 ? [`${endpoints.join(", ")} leads to another server: is it right?`] : []),
    ...(proxy === undefined
      ? []
      : [`${proxy} is set, but llm-gw connects directly: the network has to let it through.`]),
  ].join(" ");
}
