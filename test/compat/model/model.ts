import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A reference to a shape, with where and under which name the value travels. */
export interface Member {
  readonly shape: string;
  readonly location?: "uri" | "querystring" | "header" | "headers" | "statusCode";
  readonly locationName?: string;
  readonly timestampFormat?: string;
}

/** One type of AWS's published model, as far as it is checked here. */
export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
  /** Of a list. */
  readonly member?: Member;
  readonly flattened?: boolean;
  /** Of a map. */
  readonly key?: Member;
  readonly value?: Member;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly timestampFormat?: string;
  /** The member that is the whole body. */
  readonly payload?: string;
  readonly exception?: boolean;
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number };
}

export interface Operation {
  readonly name: string;
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: { readonly shape: string };
  readonly output?: { readonly shape: string; readonly resultWrapper?: string };
  readonly errors?: readonly { readonly shape: string }[];
}

/** AWS's published description of one service, as botocore ships it. */
export interface Model {
  readonly metadata: {
    readonly protocol: string;
    readonly endpointPrefix: string;
    readonly signingName?: string;
    readonly targetPrefix?: string;
  };
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const SERVICES = ["apigatewayv2", "iam", "lambda", "logs", "sts"];

/** The models of the services a gateway needs, by the name in a signature's credential scope. */
export function loadModels(botocoreData: string): ReadonlyMap<string, Model> {
  return new Map(
    SERVICES.map((service) => {
      const version = readdirSync(join(botocoreData, service)).toSorted().at(-1) ?? "";
      const packed = readFileSync(join(botocoreData, service, version, "service-2.json.gz"));
      const model: Model = JSON.parse(gunzipSync(packed).toString("utf8"));
      return [model.metadata.signingName ?? model.metadata.endpointPrefix, model];
    }),
  );
}

/** @throws Error for a name the model does not have, which a published model never does */
export function shapeOf(model: Model, name: string): Shape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`the model has no shape ${name}`);
  return shape;
}
