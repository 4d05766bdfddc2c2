export interface Role {
  readonly name: string;
  readonly path: string;
  readonly roleId: string;
  readonly arn: string;
  readonly createdAt: Date;
  trustPolicy: string;
  /** Epoch milliseconds from which Lambda can assume the role. */
  assumableAt: number;
  description: string | undefined;
  maxSessionDuration: number;
  /** The ARN of a managed policy. */
  permissionsBoundary: string | undefined;
  readonly tags: Map<string, string>;
  /** ARNs of the attached managed policies. */
  readonly attached: Set<string>;
  /** Inline policy documents by name. */
  readonly inline: Map<string, string>;
}
