import { randomInt } from "node:crypto";

/** Another project's AWS: how it is started, and how a test gets an empty account of it. */
export interface Emulator {
  /** Arguments after `python -m`, environment, and the path that answers once it serves. */
  server(
    port: number,
    model: string,
  ): {
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly health: string;
  };
  /** Makes an empty account, and tells which headers make a request one of it. */
  emptyAccount(url: string): Promise<{ readonly account: string; readonly headers: Readonly<Record<string, string>> }>;
  /** Whether it serves the URLs of an API. */
  readonly servesUrls: boolean;
}

export const EMULATORS: Readonly<Record<string, Emulator>> = {
  ministack: {
    server: (port, model) => ({
      args: ["ministack"],
      env: {
        BIND_HOST: "127.0.0.1",
        GATEWAY_PORT: String(port),
        // Else it opens a second port, for IoT.
        IOT_MTLS_ENABLED: "0",
        // Functions run in processes of this machine, not in containers.
        LAMBDA_EXECUTOR: "local",
        // The model behind its Bedrock.
        MINISTACK_BEDROCK_PROXY_URL: model,
      },
      health: "/_ministack/health",
    }),
    // It has several accounts, but a request without a signature reaches the APIs of the first one alone.
    async emptyAccount(url) {
      await fetch(`${url}/_ministack/reset`, { method: "POST" });
      return { account: "000000000000", headers: {} };
    },
    servesUrls: true,
  },
  moto: {
    server: (port) => ({
      args: ["moto.server", "-H", "127.0.0.1", "-p", String(port)],
      env: { MOTO_IAM_LOAD_MANAGED_POLICIES: "true" },
      health: "/moto-api/",
    }),
    async emptyAccount() {
      const account = String(randomInt(1e11, 1e12));
      return { account, headers: { "x-moto-account-id": account } };
    },
    servesUrls: false,
  },
};
