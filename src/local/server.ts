import { once } from "node:events";
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { handleAdmin } from "./admin.ts";
import { CallLog } from "./control-plane/call-log.ts";
import { ControlPlane, type ControlPlaneParts, DROP } from "./control-plane/control-plane.ts";
import { FaultPlan } from "./control-plane/faults.ts";
import { DataPlane } from "./data-plane/data-plane.ts";
import { dataPlaneView } from "./data-plane/view.ts";
import { FunctionUrlPlane } from "./function-url/function-url-plane.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";
import { toRequest } from "./incoming-request.ts";
import { MeteredRuntime } from "./metered-runtime.ts";
import { Regions, type Snapshot } from "./regions.ts";
import { FunctionRuntime } from "./runtime/function-runtime.ts";
import { concurrencyPool } from "./services/lambda-concurrency.ts";
import { appendLogLine } from "./services/logs-events.ts";
import type { Account } from "./store/account.ts";
import { changeTiming, TIMINGS, type TimingChange } from "./timing.ts";

export interface LocalAwsOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Left out: off. */
  readonly timing?: TimingChange;
  /** Refuse calls signed with an access key that is not the local account's. Left out: no. */
  readonly knownKeysOnly?: boolean;
  readonly log?: (line: string) => void;
  /** Hears every line a function writes, as it goes into the log group. */
  readonly onFunctionLog?: (message: string, stream: string) => void;
}

export interface LocalAws {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** Starts a process of each function that has none. Nothing waits for it; the functions' logs tell what comes of it. */
  warmUp(): void;
  /** All that the account holds now, to look at or to restore. */
  save(): Snapshot;
  /** Goes back to what was saved, here or in another local AWS; the functions' own processes know nothing of it. */
  restore(snapshot: Snapshot): void;
  /** Ends the functions' processes and the open connections. */
  close(): Promise<void>;
}

/** The largest request AWS itself reads, of CreateFunction [aws 4.3]. */
const BODY_LIMIT = 70_167_211;

/** Longer than the pauses of a client between two calls, so that no kept-alive connection dies under a request. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Starts an empty AWS account on 127.0.0.1: control plane, data plane and function runtime. Rejects with Node's own
 * error when it cannot listen (EADDRINUSE, EACCES).
 */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const url = `http://127.0.0.1:${port}`;

  const log = options.log ?? (() => undefined);
  const regions = new Regions(url, changeTiming(TIMINGS.off, options.timing ?? {}));
  const runtime = new FunctionRuntime({
    onLog(fn, logStream, message) {
      appendLogLine(regions.of(fn.region), fn, logStream, message);
      options.onFunctionLog?.(message, logStream);
    },
  });
  const metered = new MeteredRuntime(runtime, (fn) => concurrencyPool(regions.of(fn.region), fn.functionName));
  const handle = router({
    regions,
    runtime: metered,
    faults: new FaultPlan(),
    calls: new CallLog(),
    log,
    knownKeysOnly: options.knownKeysOnly === true,
  });
  server.on("request", (incoming, outgoing) => {
    serve(incoming, outgoing, handle).catch((error: unknown) => {
      // Nobody is left to answer.
      if (incoming.destroyed && !incoming.complete) return;
      log(`a request failed in the local AWS itself: ${error instanceof Error ? error.message : String(error)}`);
      if (outgoing.headersSent) {
        incoming.socket.destroy();
      } else {
        send(outgoing, plain(500, "Internal Server Error"));
      }
    });
  });

  const closed = once(server, "close");
  return {
    url,
    warmUp() {
      for (const account of regions.known()) {
        for (const { arn } of account.functions.values()) {
          const version = dataPlaneView(account).function(arn)?.version;
          if (version !== undefined) runtime.warmUp(version);
        }
      }
    },
    save: () => regions.save(),
    restore: (snapshot) => regions.restore(snapshot),
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.all([runtime.close(), closed]);
    },
  };
}

type Handler = (request: HttpRequest) => Promise<HttpResponse | typeof DROP>;

function router(parts: ControlPlaneParts): Handler {
  const { regions, runtime } = parts;
  const controlPlane = new ControlPlane(parts);
  const functionUrls = new FunctionUrlPlane(regions, runtime);
  const dataPlanes = new Map<Account, DataPlane>();
  const dataPlaneOf = (account: Account): DataPlane => {
    const dataPlane = dataPlanes.get(account) ?? new DataPlane(dataPlaneView(account), runtime);
    dataPlanes.set(account, dataPlane);
    return dataPlane;
  };
  return async (request) => {
    // A page in a browser may reach this port under a name of its own (DNS rebinding); the name gives it away.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/i.test(request.headers.host ?? "")) {
      return plain(403, "The local AWS answers only to 127.0.0.1 and localhost.");
    }
    if (request.path.startsWith("/_llm-gw/")) return handleAdmin(request, parts);
    if (request.path.startsWith("/execute-api/")) {
      const account = regions.holding(request.path.split("/")[2] ?? "");
      return account === undefined ? plain(404, "Not Found") : dataPlaneOf(account).handle(request);
    }
    if (request.path.startsWith("/lambda-url/")) return functionUrls.handle(request);
    return controlPlane.handle(request);
  };
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, handle: Handler): Promise<void> {
  const body = await readBody(incoming);
  if (body === undefined) {
    const message = `Request must be smaller than ${BODY_LIMIT} bytes for the CreateFunction operation`;
    // The rest of the body is still on its way: this connection can serve nothing more.
    send(outgoing, {
      ...plain(413, message),
      headers: { "x-amzn-errortype": "RequestEntityTooLargeException", connection: "close" },
    });
    return;
  }
  const answer = await handle(toRequest(incoming, body));
  // The socket, not the request: that one is read to its end, and destroying it does nothing any more.
  if (answer === DROP) incoming.socket.destroy();
  else send(outgoing, answer);
}

/** The whole body; undefined when it is larger than anything AWS reads. What follows is read and thrown away. */
function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > BODY_LIMIT) {
        chunks.length = 0;
        resolve(undefined);
      } else {
        chunks.push(chunk);
      }
    });
    incoming.on("end", () => resolve(Buffer.concat(chunks)));
    incoming.on("error", reject);
  });
}

function send(outgoing: ServerResponse, { status, headers, body }: HttpResponse): void {
  const out: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    out[name] = typeof value === "string" ? value : [...value];
  }
  if (typeof body !== "string" && !Buffer.isBuffer(body)) {
    outgoing.writeHead(status, out);
    // A stream that breaks off takes the connection with it: there is no other way left to say so.
    pipeline(body, outgoing).catch(() => outgoing.destroy());
    return;
  }
  if (status !== 204) out["content-length"] = Buffer.byteLength(body);
  outgoing.writeHead(status, out);
  outgoing.end(body);
}

function plain(status: number, message: string): HttpResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify({ message }) };
}
