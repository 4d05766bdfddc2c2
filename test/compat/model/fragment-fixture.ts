import type { Answer, Sent } from "../../support/relay.ts";
import { checkExchange } from "./check-exchange.ts";
import type { Finding } from "./exchange.ts";
import type { Model } from "./model.ts";

const SHAPES: Model["shapes"] = {
  Name: { type: "string", min: 1, max: 5, pattern: "[a-z]+" },
  Colour: { type: "string", enum: ["red", "green"] },
  Count: { type: "integer", min: 1, max: 9 },
  Flag: { type: "boolean" },
  Time: { type: "timestamp" },
  IsoTime: { type: "timestamp", timestampFormat: "iso8601" },
  Blob: { type: "blob", max: 3 },
  Names: { type: "list", member: { shape: "Name" }, max: 2 },
  Tags: { type: "map", key: { shape: "Name" }, value: { shape: "Colour" } },
  Thing: {
    type: "structure",
    required: ["Name"],
    members: {
      Name: { shape: "Name", locationName: "name" },
      Colour: { shape: "Colour", locationName: "colour" },
      Names: { shape: "Names", locationName: "names" },
      Tags: { shape: "Tags", locationName: "tags" },
      Made: { shape: "Time", locationName: "made" },
      Zip: { shape: "Blob", locationName: "zip" },
    },
  },
  PutInput: {
    type: "structure",
    required: ["Id", "Thing"],
    members: {
      Id: { shape: "Name", location: "uri", locationName: "thing-id" },
      Count: { shape: "Count", location: "querystring", locationName: "count" },
      Flag: { shape: "Flag", location: "header", locationName: "X-Flag" },
      Thing: { shape: "Thing", locationName: "thing" },
    },
  },
  Gone: { type: "structure", exception: true, error: { httpStatusCode: 404 }, members: { Type: { shape: "Colour" } } },
  Form: {
    type: "structure",
    required: ["Name"],
    members: { Name: { shape: "Name" }, Names: { shape: "Names" }, Count: { shape: "Count" }, At: { shape: "Time" } },
  },
};

const rest: Model = {
  metadata: { protocol: "rest-json", endpointPrefix: "things" },
  operations: {
    PutThing: {
      name: "PutThing",
      http: { method: "PUT", requestUri: "/things/{thing-id}", responseCode: 201 },
      input: { shape: "PutInput" },
      output: { shape: "Thing" },
      errors: [{ shape: "Gone" }],
    },
    ListThings: { name: "ListThings", http: { method: "PUT", requestUri: "/things/all" } },
  },
  shapes: SHAPES,
};

const query: Model = {
  metadata: { protocol: "query", endpointPrefix: "forms" },
  operations: {
    PutForm: {
      name: "PutForm",
      http: { method: "POST", requestUri: "/" },
      input: { shape: "Form" },
      output: { shape: "Form", resultWrapper: "PutFormResult" },
      errors: [],
    },
  },
  shapes: SHAPES,
};

const models = new Map([
  ["things", rest],
  ["forms", query],
]);

function signed(service: string): Record<string, string> {
  return { authorization: `AWS4-HMAC-SHA256 Credential=KEY/20260101/eu-west-1/${service}/aws4_request` };
}

/** A request of the rest-json fragment. */
export function put(url: string, body: unknown, headers: Record<string, string> = {}): Sent {
  const sent = { ...signed("things"), "content-type": "application/json", ...headers };
  return { method: "PUT", url, headers: sent, body: Buffer.from(JSON.stringify(body)) };
}

/** A request of the query fragment. */
export function form(members: Record<string, string>): Sent {
  const headers = { ...signed("forms"), "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams({ Action: "PutForm", Version: "1", ...members }).toString();
  return { method: "POST", url: "/", headers, body: Buffer.from(body) };
}

export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: { "x-amzn-requestid": "1", ...headers }, body: Buffer.from(text) };
}

/** The operation and each finding as `member what`. */
export function check(sent: Sent, received?: Answer): { operation: string | undefined; findings: string[] } {
  const checked = checkExchange(models, { sent, answer: received });
  const said = ({ member, what }: Finding) => `${member} ${what}`;
  return { operation: checked?.operation, findings: checked?.findings.map(said) ?? [] };
}
