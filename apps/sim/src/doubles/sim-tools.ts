import type {
  ToolCallRequest,
  ToolList,
  ToolResult,
  ToolServer,
  ToolServerState,
} from '@skynet/agent-runtime';
import { WorldError } from '@skynet/platform';
import type { SimProcess } from '../ports/sim-process.js';
import type { Random } from '../time/random.js';
import type { Effect } from './effects.js';
import { policies } from './model-turns.js';

/** A tool server that notes what reaches it; whether its answers do follows from the seed. */
export class SimTools implements ToolServer {
  readonly name = 'sim';
  readonly version = 0;
  readonly state: ToolServerState = { kind: 'idle' };

  constructor(
    private readonly process: SimProcess,
    private readonly world: { readonly random: Random; readonly effects: Effect[] },
  ) {}

  list(): Promise<ToolList> {
    const tools = policies.map((name) => ({
      name,
      description: `Acts under ${name}.`,
      inputSchema: { type: 'object' },
    }));
    return Promise.resolve({ tools, leftOut: [] });
  }

  call(request: ToolCallRequest, signal: AbortSignal): Promise<ToolResult> {
    const { process, world } = this;
    const broken = new WorldError('broke off', 'never');
    const mark = String(request.arguments['mark']);
    const chance = world.random.fork(`tool/${mark}/${world.effects.length}`);
    if (chance.chance(0.04)) return Promise.reject(new WorldError('not reached', 'later'));
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(broken);
      signal.addEventListener('abort', () => process.enter(() => reject(broken)), { once: true });
      process.send(() => {
        const call = { tool: request.tool, mark, key: request.idempotencyKey };
        const path = mark.split('#')[0] ?? mark;
        const { elapsedMs: atMs } = process.time;
        world.effects.push({ kind: 'tool', path, by: process.name, atMs, call });
        const content = `did ${mark}`;
        const isLost = chance.chance(0.06);
        const back = () =>
          isLost ? reject(broken) : resolve({ content, isError: chance.chance(0.1) });
        process.time.after(chance.between(1, 150), () => process.enter(back));
      });
    });
  }

  async close(): Promise<void> {}
}
