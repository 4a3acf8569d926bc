import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { ModelMessage } from '../models/model.port.js';
import { aRegistry } from '../testing/registries.js';
import { RuntimeWorld } from '../testing/runtime-world.js';
import { endWorld } from '../testing/world-of-test.js';

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** Larger than what the log takes in. */
const large = Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(10_000)]).toString('base64');
const image = { mimeType: 'image/png' as const, data: large };
const imageId = sha256Hex(Buffer.from(large, 'base64'));
const line = `a map\n[attachment ${imageId}: image/png, 10070 bytes]`;
const act = { name: 'tools__act', arguments: '{}' };

let world: RuntimeWorld;

async function start(sees: boolean): Promise<void> {
  const registry = aRegistry({ models: { 'puppet:any': { sees } } });
  world = await RuntimeWorld.create(new ManualClock(), registry);
  await world.start();
}
afterEach(() => endWorld(world));

/** What the model is told of so many calls, each answered with an image. */
async function told(calls: number): Promise<readonly ModelMessage[]> {
  const agentId = await world.spawn({ tools: ['tools__*'] });
  const toolCalls = Array.from({ length: calls }, () => act);
  (await world.models.next()).answer({ toolCalls });
  for (let each = 0; each < calls; each += 1) {
    (await world.tools.next()).answer({ content: 'a map', isError: false, images: [image] });
  }
  const { request, answer } = await world.models.next();
  answer({ text: 'done' });
  await world.ended(agentId);
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification).not.toHaveProperty('divergence');
  expect(JSON.stringify(world.eventsOf(agentId))).not.toContain(large);
  return request.messages.filter(({ role }) => role === 'tool');
}

describe('a model that sees', () => {
  beforeEach(() => start(true));

  it('is shown the images of its tools, which lie beside the log', async () => {
    expect(await told(1)).toMatchObject([{ content: line, images: [image] }]);
  });

  it('is shown the last twenty, and told of the others', async () => {
    const messages = await told(22);
    const withImages = messages.map((message) => 'images' in message);
    expect(withImages).toEqual([false, false, ...Array.from({ length: 20 }, () => true)]);
    expect(messages[0]).toMatchObject({
      content: `${line}\n[an image (image/png) was left out: later ones are shown]`,
    });
  });
});

describe('a model that does not see', () => {
  beforeEach(() => start(false));

  it('is told so', async () => {
    const [message] = await told(1);
    expect(message).toMatchObject({
      content: `${line}\n[an image (image/png) was left out: this model does not see]`,
    });
    expect(message).not.toHaveProperty('images');
  });
});
