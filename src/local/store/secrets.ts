export interface Parameter {
  readonly name: string;
  readonly type: "String" | "StringList" | "SecureString";
  readonly value: string;
  readonly version: number;
  readonly modifiedAt: Date;
}

export interface Secret {
  readonly name: string;
  /** With six characters after the name. */
  readonly arn: string;
  /** Undefined until it has a value. */
  current: SecretVersion | undefined;
  /** Set once it is marked for deletion. */
  deletesAt: Date | undefined;
}

/** Holds a text, or bytes in base64. */
interface SecretVersion {
  readonly versionId: string;
  readonly createdAt: Date;
  readonly text: string | undefined;
  readonly bytes: string | undefined;
}
