/** An error as a service of AWS answers it; the wire layer of the service gives it its shape. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, status: number, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** What AWS has and the local AWS does not: never ignored in silence, never retried by an SDK (501). */
export function notImplemented(what: string): AwsError {
  return new AwsError("NotImplemented", 501, `The local AWS does not implement ${what}.`);
}
