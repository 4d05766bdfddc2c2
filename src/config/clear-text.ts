import { BlockList, isIP } from "node:net";
import type { Models } from "./models.ts";

/** Loopback, private and link-local addresses: what is sent there leaves no network of one's own [RFC 1918, 4193, 6890]. */
const own = new BlockList();
own.addSubnet("127.0.0.0", 8);
own.addSubnet("10.0.0.0", 8);
own.addSubnet("172.16.0.0", 12);
own.addSubnet("192.168.0.0", 16);
own.addSubnet("169.254.0.0", 16);
own.addAddress("::1", "ipv6");
own.addSubnet("fc00::", 7, "ipv6");
own.addSubnet("fe80::", 10, "ipv6");

/** The base URLs whose key would be sent over the internet where everybody on the way can read it. */
export function keysInClearText(models: Models): string[] {
  const urls = Object.values(models)
    .flat()
    .flatMap((model) => (model.backend === "openai" && model.key !== undefined ? [model.baseUrl] : []));
  return [...new Set(urls)].filter((url) => url.startsWith("http:") && !isOwnHost(new URL(url).hostname));
}

/** Also of names that only a private DNS knows: of one part, or in a zone that the internet does not have. */
function isOwnHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  const version = isIP(host);
  if (version !== 0) return own.check(host, version === 6 ? "ipv6" : "ipv4");
  return !host.includes(".") || /\.(localhost|local|internal|home\.arpa)$/.test(host);
}
