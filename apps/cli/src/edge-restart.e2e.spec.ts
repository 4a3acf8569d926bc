import { request, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startUp, until, type RunningUp } from './testing/running-cli.js';

jest.setTimeout(90_000);

const CALLERS = 4;

let stack: RunningUp;

beforeAll(async () => {
  stack = await startUp('--ephemeral');
});
afterAll(async () => {
  await stack.stop('SIGKILL');
});

/** One request on a connection of its own: its answer, or the code of its error. */
function askOnce(url: string, options: RequestOptions = {}, body = ''): Promise<string> {
  return new Promise((resolve) => {
    const fail = ({ code = 'no code' }: NodeJS.ErrnoException) => resolve(code);
    const asked = request(url, { ...options, agent: false }, (response) => {
      text(response).then((answer) => resolve(`${response.statusCode} ${answer}`), fail);
    });
    asked.once('error', fail);
    asked.end(body);
  });
}

const isAlive = () => askOnce(new URL('/health/live', stack.mcp).href);

/** `accepted`, `retryable`, or what came instead. */
async function spawnOnce(more: object = {}): Promise<string> {
  const headers = {
    authorization: `Bearer ${stack.token}`,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
  };
  const call = { name: 'spawn_agent', arguments: { task: { description: '{}' }, ...more } };
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: call };
  const answer = await askOnce(stack.mcp, { method: 'POST', headers }, JSON.stringify(message));
  if (answer.includes('"agentId":')) return 'accepted';
  // The second before the call is begun: whoever reads HTTP knows that it may come again.
  const isRetryable = answer.includes('\\"retryable\\":true') || answer.startsWith('503 ');
  return isRetryable ? 'retryable' : answer;
}

/** Asks all the time, each time on a new connection. */
class Callers {
  readonly outcomes = new Map<string, number>();
  #isOver = false;
  readonly #work: Promise<unknown>;

  constructor(private readonly ask: () => Promise<string>) {
    this.#work = Promise.all(Array.from({ length: CALLERS }, () => this.#call()));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #call(): Promise<void> {
    while (!this.#isOver) {
      const outcome = await this.ask();
      this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    }
  }
}

/** Ends the edge, and resolves when the next one answers. */
async function endEdge(signal: NodeJS.Signals): Promise<void> {
  const restarts = () =>
    stack.later
      .map((line) => JSON.parse(line) as { process: string; change: string; pid?: number })
      .filter(({ process: name, change }) => name === 'edge' && change === 'restarted');
  const before = restarts();
  process.kill(before.at(-1)?.pid ?? stack.processes['edge'] ?? 0, signal);
  await until(() => restarts().length > before.length);
  expect(await isAlive()).toMatch(/^200 /);
}

describe('the one edge of a stack', () => {
  it('answers every call that comes before, while and after it is ended', async () => {
    const slow = { task: { description: '{"seconds":20}' }, model: { id: 'scripted:slow' } };
    for (let count = 0; count < 2; count += 1) {
      const callers = new Callers(spawnOnce);
      const waiting = spawnOnce({ ...slow, waitSeconds: 30 });
      await until(() => callers.outcomes.size > 0);
      await endEdge('SIGTERM');
      await callers.end();
      expect(await waiting).toBe('accepted');
      expect(callers.outcomes.get('accepted')).toBeGreaterThan(0);
      // One that came in the moment of the end is told so.
      callers.outcomes.delete('retryable');
      expect([...callers.outcomes.keys()]).toEqual(['accepted']);
    }
  });

  it('refuses no connection while it is killed again and again', async () => {
    const callers = new Callers(isAlive);
    for (let count = 0; count < 2; count += 1) await endEdge('SIGKILL');
    await callers.end();
    const outcomes = new Set([...callers.outcomes.keys()].map((outcome) => outcome.slice(0, 10)));
    // What it had accepted when it was killed is reset.
    outcomes.delete('ECONNRESET');
    expect([...outcomes]).toEqual(['200 {"live']);
  });
});
