/** Something that a model or a tool was asked to do, and did. */
export interface Effect {
  readonly kind: 'model' | 'tool';
  /** Of the task of the agent. */
  readonly path: string;
  /** Name of the process that asked. */
  readonly by: string;
  /** Since the start of the simulation. */
  readonly atMs: number;
  /** Of a model: messages to the agent that the request carries. */
  readonly told?: readonly string[];
  /** Of a tool. */
  readonly call?: ToolCallSeen;
}

export interface ToolCallSeen {
  readonly tool: string;
  /** Names the call of the model that asked for it. */
  readonly mark: string;
  readonly key: string | undefined;
}
