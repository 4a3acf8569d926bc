import { beforeEach, describe, expect, it } from '@jest/globals';
import { rejection, type CommandEnvelope, type CommandReply } from '@skynet/contracts';
import { OverloadedError, silentLogger, WorldError } from '@skynet/platform';
import { ManualClock, RecordingTracing } from '@skynet/testing';
import { agentIdNamed, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../testing/edge-fixture.js';
import { accepted } from '../testing/scripted-owner.js';
import type { AgentCommand } from './agent-command.js';
import { CommandSender } from './command-sender.js';

const PAUSE: AgentCommand = {
  id: 'command-1',
  type: 'PauseAgent',
  data: { agentId: agentIdNamed('a') },
  principal: { principal: 'alice', tenant: 'acme', roles: ['operator'] },
  traceparent: undefined,
  record: { sending: () => undefined },
};

let clock: ManualClock;
let edge: EdgeFixture;

beforeEach(async () => {
  clock = new ManualClock(SPAWNED_AT_MS);
  edge = await edgeFixture(clock);
});

function send(command = PAUSE): Promise<CommandReply> {
  return edge.sender.send(command);
}

function command(index: number): CommandEnvelope {
  const sent = edge.owner.commands[index];
  if (sent === undefined) throw new Error(`fewer than ${index + 1} commands were sent`);
  return sent;
}

function refused(code: 'COMMAND_EXPIRED' | 'AGENT_ALREADY_ENDED', id = PAUSE.id): CommandReply {
  return { id, ok: false, error: rejection(code, 'because') };
}

describe('a command', () => {
  it('gives the answer of the owner, yes or no', async () => {
    expect(await send()).toMatchObject({ ok: true });
    edge.owner.answer = () => refused('AGENT_ALREADY_ENDED');
    expect(await send()).toMatchObject({ ok: false, error: { code: 'AGENT_ALREADY_ENDED' } });
  });

  it('gets its own answer among those of other commands', async () => {
    edge.owner.answer = () => undefined;
    const [one, other] = [send(), send({ ...PAUSE, id: 'command-2' })];
    await clock.advance(0);
    edge.owner.reply(refused('AGENT_ALREADY_ENDED', 'command-2'));
    edge.owner.reply(accepted(command(0)));
    expect(await one).toMatchObject({ ok: true });
    expect(await other).toMatchObject({ ok: false });
  });

  it('goes on from the call, without a span where nobody asked for those of messages', async () => {
    const tracing = new RecordingTracing();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const sender = new CommandSender(edge.bus, clock, silentLogger, tracing);
    await sender.send({ ...PAUSE, traceparent });
    expect(command(0)).toMatchObject({ traceparent });
    expect(tracing.spans).toEqual([]);
  });

  it('sent twice at once under one id is answered to both senders', async () => {
    edge.owner.answer = (command) =>
      edge.owner.commands.length === 2 ? accepted(command) : undefined;
    expect(await Promise.all([send(), send()])).toMatchObject([{ ok: true }, { ok: true }]);
  });

  it('survives answers that nobody understands', async () => {
    edge.owner.answer = (command) => {
      edge.owner.reply({ nonsense: true } as never);
      return accepted(command);
    };
    expect(await send()).toMatchObject({ ok: true });
  });
});

describe('a command whose first attempt is lost', () => {
  beforeEach(() => {
    edge.owner.answer = () => undefined;
  });

  it('takes the answer to the second', async () => {
    const reply = send();
    await clock.advance(1_799);
    expect(edge.owner.commands).toHaveLength(1);
    edge.owner.answer = accepted;
    await clock.advance(1);
    expect(await reply).toMatchObject({ ok: true });
  });

  it('takes a late answer to the first', async () => {
    const reply = send();
    await clock.advance(2_100);
    edge.owner.reply(accepted(command(0)));
    expect(await reply).toMatchObject({ ok: true });
  });

  it('does not take the end of the first attempt for the end of the second', async () => {
    const reply = send();
    await clock.advance(2_100);
    edge.owner.reply(refused('COMMAND_EXPIRED'));
    await clock.advance(100);
    edge.owner.reply(accepted(command(1)));
    expect(await reply).toMatchObject({ ok: true });
  });

  it('still hears what was carried out just before it expired', async () => {
    const reply = send();
    await clock.advance(4_200);
    edge.owner.reply(accepted(command(1)));
    expect(await reply).toMatchObject({ ok: true });
  });
});

describe('the stream of commands', () => {
  it('being full is an overload, and the command is not sent again', async () => {
    edge.broker.capacity = 0;
    await expect(send()).rejects.toThrow(OverloadedError);
    await clock.advance(5_000);
    expect(edge.broker.published).toEqual([]);
  });

  it('not confirming the command gets it once more', async () => {
    const publish = edge.bus.publish.bind(edge.bus);
    edge.bus.publish = async () => {
      edge.bus.publish = publish;
      throw new WorldError('no ack', 'later');
    };
    const reply = send();
    await clock.advance(200);
    expect(await reply).toMatchObject({ ok: true });
  });

  it('being silent is told within 2 s, and by then the command has expired', async () => {
    const envelopes: CommandEnvelope[] = [];
    edge.bus.publish = (_subject, data) => {
      envelopes.push(data as CommandEnvelope);
      return new Promise(() => undefined);
    };
    const reply = send();
    await clock.advance(1_900);
    expect(await reply).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } });
    expect(envelopes).toHaveLength(1);
    await expect(edge.sender.healthCheck.check()).rejects.toThrow('takes none');
    expect(envelopes[0]?.notAfterMs).toBeLessThanOrEqual(clock.nowMs());
  });

  it('being silent for long fills no memory: beyond a bound commands are refused', async () => {
    edge.bus.publish = () => new Promise(() => undefined);
    const replies = Array.from({ length: 5_000 }, (_, index) =>
      send({ ...PAUSE, id: `command-${index}` }),
    );
    await expect(send({ ...PAUSE, id: 'one more' })).rejects.toThrow(OverloadedError);
    await clock.advance(1_900);
    expect(await Promise.all(replies)).toHaveLength(5_000);
  });

  it('being silent for long fills no memory with large commands, answered or not', async () => {
    let fail = (): void => undefined;
    edge.bus.publish = () =>
      new Promise((_resolve, reject) => {
        fail = () => reject(new WorldError('connection lost', 'later'));
      });
    const data = { agentId: agentIdNamed('a'), reason: 'x'.repeat(5 * 1024 * 1024) };
    const large = { ...PAUSE, type: 'TerminateAgent' as const, data };
    const reply = send({ ...large, id: 'first' });
    await expect(send({ ...large, id: 'second' })).rejects.toThrow(OverloadedError);
    await clock.advance(1_900);
    expect(await reply).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } });
    await expect(send({ ...large, id: 'third' })).rejects.toThrow(OverloadedError);
    fail();
    await clock.advance(200);
    const taken = send({ ...large, id: 'fourth' });
    await clock.advance(1_900);
    expect(await taken).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } });
  });
});

describe('a burst of commands', () => {
  /** Publishes whose outcome the test decides. */
  function heldPublishes() {
    const held: (() => void)[] = [];
    const publish = edge.bus.publish.bind(edge.bus);
    edge.bus.publish = (...message) =>
      new Promise((resolve, reject) => {
        held.push(() => void publish(...message).then(resolve, reject));
      });
    return held;
  }
  const burst = (size: number) =>
    Array.from({ length: size }, (_, index) => send({ ...PAUSE, id: `command-${index}` }));

  it('waits its turn for as long as others are answered, however long that takes', async () => {
    const held = heldPublishes();
    const replies = burst(400);
    let answered = 0;
    while (answered < 400) {
      await clock.advance(1_000);
      expect(held.length).toBeLessThanOrEqual(128);
      const now = held.splice(0);
      expect(now.length).toBeGreaterThan(0);
      for (const go of now) go();
      answered += now.length;
    }
    for (const reply of await Promise.all(replies)) expect(reply.ok).toBe(true);
  });

  it('is told within 2 s that nobody is answered any more, and which of it was not sent', async () => {
    heldPublishes();
    const replies = burst(400);
    await clock.advance(1_900);
    for (const [index, reply] of (await Promise.all(replies)).entries()) {
      expect(reply).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } });
      const notSent = { limit: 'commandsUnderWay', retryAfterMs: 2_000 };
      if (index >= 128) expect(reply).toMatchObject({ error: notSent });
    }
  });

  it('is not given up for answers that this process had no time to read', async () => {
    const held = heldPublishes();
    const replies = burst(130);
    await clock.advance(0);
    clock.stall(5_000);
    for (let round = 0; round < 2; round += 1) {
      for (const go of held.splice(0)) go();
      await clock.advance(0);
    }
    expect((await Promise.all(replies)).filter(({ ok }) => ok)).toHaveLength(130);
  });
});
