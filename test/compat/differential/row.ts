import { strToU8, zipSync } from "fflate";

/** One request as it goes over the wire. */
export interface Asked {
  readonly service: "sts" | "iam" | "lambda" | "apigateway" | "logs";
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What exists in every account before the rows are asked. */
export interface World {
  readonly account: string;
  readonly roleArn: string;
  /** Of a role that EC2 may assume, and Lambda may not. */
  readonly foreignRoleArn: string;
  readonly functionArn: string;
  readonly apiId: string;
  readonly integrationId: string;
  readonly routeId: string;
  /** Of the stage `held`. */
  readonly deploymentId: string;
}

/** `accepted`, or status and error code of a refusal. */
export type Verdict = string;

export interface Row {
  readonly name: string;
  /** What AWS answers, and the section of the reference that says so. */
  readonly aws: Verdict;
  readonly section: string;
  readonly ask: (world: World) => Asked;
}

/** A list of rows of one service: name, AWS's answer, its section, and the request. */
export type Rows = readonly (readonly [name: string, aws: Verdict, section: string, ask: Row["ask"]])[];

export function rowsOf(service: string, rows: Rows): Row[] {
  return rows.map(([name, aws, section, ask]) => ({ name: `${service}: ${name}`, aws, section, ask }));
}

/** A request in the query protocol. */
export function query(service: "sts" | "iam", action: string, members: Readonly<Record<string, string>> = {}): Asked {
  const Version = service === "iam" ? "2010-05-08" : "2011-06-15";
  const body = new URLSearchParams({ Action: action, Version, ...members }).toString();
  return { service, method: "POST", path: "/", headers: { "content-type": "application/x-www-form-urlencoded" }, body };
}

/** A request in rest-json; a string as body goes out as it is. */
export function rest(service: "lambda" | "apigateway", method: string, path: string, body?: object | string): Asked {
  const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  return { service, method, path, headers, body: text };
}

/** A request of CloudWatch Logs. */
export function logs(operation: string, body: object | string): Asked {
  return {
    service: "logs",
    method: "POST",
    path: "/",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `Logs_20140328.${operation}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

let made = 0;

/** A name that no other row uses: what one AWS accepts must not stand in another row's way. */
export function freshName(): string {
  made += 1;
  return `new-${made}`;
}

export const ZIP = Buffer.from(
  zipSync({ "index.mjs": strToU8("export const handler = async () => 1;") }, { mtime: "2000-01-01" }),
).toString("base64");

/** Lets one service of AWS assume a role. */
export function trust(service: string): string {
  const Principal = { Service: `${service}.amazonaws.com` };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }],
  });
}

export const BASIC_EXECUTION = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
export const IDENTITY_POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
});
