export interface LogGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  retentionInDays: number | undefined;
  readonly tags: Map<string, string>;
  /** When each stream was made, in epoch milliseconds, by name. */
  readonly streams: Map<string, number>;
  /** In the order of their ids, which is the order of their timestamps. */
  readonly events: LogEvent[];
}

export interface LogEvent {
  readonly eventId: string;
  readonly stream: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}
