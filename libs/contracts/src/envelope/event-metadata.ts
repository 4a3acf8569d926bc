/** What is stored beside the data of an event. */
export interface EventMetadata {
  /** Root agent of the tree. */
  readonly correlationId: string;
  /** Id of the command that caused the event. */
  readonly causationId: string;
  readonly tenant: string;
  readonly principal: string;
  /** W3C trace context. */
  readonly traceparent?: string | undefined;
  /** Count of the agent's runs when the event happened. */
  readonly epoch: number;
  /** The append that the event was part of. */
  readonly commit: { readonly id: string; readonly index: number; readonly size: number };
}
