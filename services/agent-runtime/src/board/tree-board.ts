import { isSpawned, type AgentState, type SpawnedAgent } from '@skynet/domain-agents';
import { isRefused, type Rejection } from '@skynet/kernel';
import { readText, storeText, WorldError, type Clock, type PayloadStore } from '@skynet/platform';
import { originOf, type Agents } from '../owner/agents.js';
import { pauseUnlessAborted, retryDelayMs } from '../pacing/retry-policy.js';
import { boardReadSchema, boardWriteSchema, readInput } from '../tools/built-in-tools.js';
import type { ToolResult } from '../tools/tool-server.port.js';
import { boardOf } from './board-view.js';

/** A call of an agent that reads or writes on the board of its tree. */
export interface BoardCall {
  readonly agent: SpawnedAgent;
  readonly toolCallId: string;
  readonly input: unknown;
  readonly signal: AbortSignal;
}

/** What the agents of a tree share: it is in the stream of their root, which decides about each write. */
export class TreeBoard {
  constructor(
    private readonly means: {
      readonly agents: Pick<Agents, 'load' | 'execute'>;
      readonly payloads: PayloadStore;
      readonly clock: Clock;
    },
  ) {}

  async read({ agent, input, signal }: BoardCall): Promise<ToolResult> {
    const { key, prefix } = readInput(boardReadSchema, input).data ?? {};
    const root = await this.patiently(signal, () => this.means.agents.load(agent.spawned.rootId));
    if (!isSpawned(root)) return NO_ROOT;
    if (key !== undefined) return said(await this.known(root, key));
    return said(await boardOf(root, this.means.payloads, prefix));
  }

  /** Once, however often it is asked for; a write on another version than the expected one is told what there is. */
  async write({ agent, toolCallId, input, signal }: BoardCall): Promise<ToolResult> {
    const { agents, payloads } = this.means;
    const read = readInput(boardWriteSchema, input);
    if (!read.success) throw read.error;
    const { key, value: text, expectedVersion } = read.data;
    const { agentId: by, rootId, tenant } = agent.spawned;
    const told = await this.patiently(signal, async () => {
      const value = text === undefined ? undefined : await storeText(payloads, tenant, text);
      const data = { key, by, toolCallId, expectedVersion, ...(value !== undefined && { value }) };
      const request = { id: `${by}:${toolCallId}:board`, type: 'WriteBoard', data } as const;
      return agents.execute(rootId, request, originOf(agent));
    });
    if (isRefused(told)) return this.refused(told.refused, told.state, key);
    const version = versionOf(told.state, { by, toolCallId });
    return said({ key, version: text === undefined ? 0 : version });
  }

  private async refused(
    { code, message, next }: Rejection,
    state: AgentState,
    key: string,
  ): Promise<ToolResult> {
    const isConflict = code === 'BOARD_CONFLICT' && isSpawned(state);
    const current = isConflict ? { current: await this.known(state, key) } : {};
    return { ...said({ code, message, next, ...current }), isError: true };
  }

  /** Version 0: the key is not there. */
  private async known(root: SpawnedAgent, key: string) {
    const found = root.board?.keys.find((one) => one.key === key);
    if (found === undefined) return { key, version: 0 };
    const { value, ...written } = found;
    const text = await readText(this.means.payloads, root.spawned.tenant, value);
    return { ...written, value: text };
  }

  /** Again while the log does not answer: both reading and writing may be repeated. */
  private async patiently<Result>(
    signal: AbortSignal,
    ask: () => Promise<Result>,
  ): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask();
      } catch (error) {
        const isLater = error instanceof WorldError && error.retry === 'later';
        if (!isLater) throw error;
        if (signal.aborted) throw new WorldError(error.message, 'never', { cause: error });
        await pauseUnlessAborted(this.means.clock, retryDelayMs(tries), signal);
      }
    }
  }
}

const NO_ROOT: ToolResult = { content: 'The root of your tree is not there.', isError: true };

function said(value: unknown): ToolResult {
  return { content: JSON.stringify(value), isError: false };
}

/** Of what that call has written. */
function versionOf(
  state: AgentState,
  { by, toolCallId }: { readonly by: string; readonly toolCallId: string },
): number {
  const turns = isSpawned(state) ? (state.board?.turns ?? []) : [];
  const own = turns.find(({ agentId }) => agentId === by)?.writes ?? [];
  return own.find((write) => write.toolCallId === toolCallId)?.version ?? 0;
}
