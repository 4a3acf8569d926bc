import { setTimeout as sleep } from 'node:timers/promises';
import type { EdgeClient } from './edge-client.js';
import type { Ledger } from './ledger.js';

const PAUSE_MS = 250;

/** What came of calls of one kind. */
class Calls {
  #count = 0;
  #longestMs = 0;
  readonly #outcomes = new Map<string, number>();

  constructor(private readonly name: string) {}

  async note(work: Promise<string>): Promise<void> {
    const startMs = performance.now();
    const outcome = await work.catch((error: unknown) => (error as Error).message.slice(0, 60));
    this.#longestMs = Math.max(this.#longestMs, performance.now() - startMs);
    this.#count += 1;
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
  }

  get text(): string {
    const outcomes = [...this.#outcomes].map(([outcome, count]) => `${count} ${outcome}`);
    const longest = `longest ${this.#longestMs.toFixed(0)} ms`;
    return `${this.#count} ${this.name} (${outcomes.join(', ')}; ${longest})`;
  }
}

/**
 * Has the edge read an agent while it can. Then reads and spawns through that edge for as long as the servers are away: each
 * is to be answered soon, whatever the answer.
 */
export async function toProbeWhileAway(
  client: EdgeClient,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<(over: AbortSignal) => Promise<string>> {
  const [agentId] = [...ledger.acknowledged.values()].flatMap((ids) => [...ids]);
  if (agentId !== undefined) await client.call('get_agent_status', { agentId }, signal);
  return async (over) => {
    const [reads, spawns] = [new Calls('reads'), new Calls('spawns')];
    for (let turn = 1; !over.aborted && !signal.aborted; turn += 1) {
      const read = client.callOnce('get_agent_status', { agentId }, signal);
      await reads.note(read.then(({ asOf }) => (asOf === undefined ? 'fresh' : 'marked with age')));
      const mark = `away-${performance.now()}-${turn}`;
      await spawns.note(spawnOnce(client, ledger, { mark, signal }));
      await sleep(PAUSE_MS);
    }
    return `${reads.text}; ${spawns.text}`;
  };
}

async function spawnOnce(
  client: EdgeClient,
  ledger: Ledger,
  { mark, signal }: { readonly mark: string; readonly signal: AbortSignal },
): Promise<string> {
  const description = JSON.stringify({ mark, depth: 1, fanOut: 1 });
  const spawn = { task: { description }, model: { id: 'scripted:tree' }, idempotencyKey: mark };
  const { agentId } = await client.callOnce('spawn_agent', spawn, signal);
  ledger.acknowledge(mark, String(agentId));
  return 'accepted';
}
