import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isEnd, type AgentStatus } from '@skynet/contracts';
import { Random } from '../faults/random.js';
import { EdgeClient, Refusal, type Answer } from './edge-client.js';
import { lanes, type Job, type JobMaker } from './jobs.js';
import type { Ledger } from './ledger.js';

export interface LoadOptions {
  readonly edges: readonly string[];
  readonly token: () => Promise<string>;
  readonly seed: number;
  readonly load: number;
  readonly ledger: Ledger;
}

const WAIT_SECONDS = 3;
const PAUSE_MS = 500;
/** Of spawns that are sent once more, to the other edge, after they were acknowledged. */
const REPEATED = 0.2;

/** Keeps so many agents under way, each in a lane of its own that spawns the next one when one has ended. */
export class Load {
  readonly #over = new AbortController();
  readonly #givenUp = new AbortController();
  readonly #lanes: Promise<void>[];
  #spawned = 0;

  constructor(private readonly options: LoadOptions) {
    // Every lane listens.
    setMaxListeners(0, this.#givenUp.signal);
    this.#lanes = lanes(options.load).map((make, index) => this.#runLane(make, index));
  }

  /** Spawns nothing more; resolves when all that were spawned have ended, or it is given up. */
  async finish(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#lanes);
  }

  /** Asks about nothing any more. */
  giveUp(): void {
    this.#over.abort();
    this.#givenUp.abort();
  }

  async #runLane(make: JobMaker, index: number): Promise<void> {
    const { edges, token, seed, ledger } = this.options;
    const random = new Random(seed + 1 + index);
    const odd = (tool: string, what: string) => ledger.countOdd(tool, what);
    const client = new EdgeClient(edges, token, odd, index);
    try {
      while (!this.#over.signal.aborted) {
        this.#spawned += 1;
        await this.#runJob(client, make(`chaos-${seed}-${this.#spawned}`, random), random);
      }
    } catch (error) {
      if (!this.#givenUp.signal.aborted) throw error;
    } finally {
      await client.close();
    }
  }

  async #runJob(client: EdgeClient, job: Job, random: Random): Promise<void> {
    const { ledger } = this.options;
    const spawn = async () => {
      const { agentId } = await client.call('spawn_agent', job.spawn, this.#givenUp.signal);
      ledger.acknowledge(job.mark, String(agentId));
      return String(agentId);
    };
    try {
      const agentId = await spawn();
      if (random.next() < REPEATED) {
        client.turn();
        await spawn();
      }
      await this.#follow(client, agentId);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      ledger.refused.push(`${job.mark}: ${error.message}`);
    }
  }

  /** Until the agent has ended; calls in doubt are answered, or it would wait for ever. */
  async #follow(client: EdgeClient, agentId: string): Promise<void> {
    const args = { agentId, timeoutSeconds: WAIT_SECONDS };
    for (;;) {
      const answer = await this.#waitFor(client, args);
      this.options.ledger.show(agentId, String(answer['updatedAt']));
      const status = answer['status'] as AgentStatus;
      if (isEnd(status)) {
        this.options.ledger.ends.set(agentId, status);
        return;
      }
      for (const toolCallId of doubtsOf(answer)) await this.#answer(client, agentId, toolCallId);
    }
  }

  /** The agent was acknowledged: that nobody knows it is no answer to be content with. */
  async #waitFor(client: EdgeClient, args: object): Promise<Answer> {
    for (;;) {
      try {
        return await client.call('wait_agent', args, this.#givenUp.signal);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.options.ledger.countOdd('wait_agent', error.message);
        await sleep(PAUSE_MS, undefined, { signal: this.#givenUp.signal });
      }
    }
  }

  async #answer(client: EdgeClient, agentId: string, toolCallId: string): Promise<void> {
    const args = { agentId, toolCallId, decision: 'happened', text: 'counted' };
    try {
      await client.call('answer_agent', args, this.#givenUp.signal);
    } catch (error) {
      // A row may be behind: somebody has answered, or the agent has ended.
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

function doubtsOf({ waitingFor }: Answer): readonly string[] {
  const waiting = waitingFor as { readonly kind: string; readonly ids: string[] } | undefined;
  return waiting?.kind === 'input' ? waiting.ids : [];
}
