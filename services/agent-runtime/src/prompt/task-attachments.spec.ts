import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { aRegistry } from '../testing/registries.js';
import { RuntimeWorld } from '../testing/runtime-world.js';
import { endWorld } from '../testing/world-of-test.js';

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const image = { data: PNG, name: 'map.png' };
const imageId = sha256Hex(Buffer.from(PNG, 'base64'));
const note = { uri: 'data:text/markdown,%23%20Notes', name: 'notes.md' };
const noteId = sha256Hex('# Notes');

let world: RuntimeWorld;

async function start(sees: boolean): Promise<void> {
  const registry = aRegistry({ models: { 'puppet:any': { sees } } });
  world = await RuntimeWorld.create(new ManualClock(), registry);
  await world.start();
}
afterEach(() => endWorld(world));

async function verified(agentId: Awaited<ReturnType<RuntimeWorld['spawn']>>): Promise<void> {
  await world.ended(agentId);
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification).not.toHaveProperty('divergence');
}

describe('a task with attachments', () => {
  beforeEach(() => start(true));

  it('shows its model images and texts, and its log has neither', async () => {
    const agentId = await world.spawn({ attachments: [image, note] });
    const { request, answer } = await world.models.next();
    const [task] = request.messages;
    expect(task).toMatchObject({
      role: 'user',
      images: [{ mimeType: 'image/png', data: PNG }],
      text: expect.stringContaining(`[attachment ${imageId}: map.png, image/png, 70 bytes]`),
    });
    expect(task).toMatchObject({
      text: expect.stringContaining(
        `[attachment ${noteId}: notes.md, text/markdown, 7 bytes]\n# Notes\n[end of the attachment]`,
      ),
    });
    answer({ text: 'done' });
    await verified(agentId);
    expect(JSON.stringify(world.eventsOf(agentId))).not.toContain(PNG);
  });

  it('is verified without their bytes', async () => {
    const agentId = await world.spawn({ attachments: [image, note] });
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(agentId);
    const { payloads } = world;
    for (const read of ['getBytes', 'find'] as const) payloads[read] = async () => undefined;
    await verified(agentId);
  });

  it('goes on where bytes are gone, and its model is told', async () => {
    const { payloads } = world;
    payloads.getBytes = async () => undefined;
    await world.spawn({ attachments: [image, note] });
    const { request, answer } = await world.models.next();
    const { text } = request.messages[0] as { readonly text: string };
    expect(text).toContain('[its bytes are not in the store any more]');
    expect(text).toContain('[an image (image/png) was left out: its bytes are not in the store');
    answer({ text: 'done' });
  });

  it('tells a long text in part, and the rest where it is asked for', async () => {
    const text = 'ж'.repeat(40_000);
    const { sha256: id } = await world.payloads.put('acme', text);
    const agentId = await world.spawn({ attachments: [{ id, name: 'long.txt' }] });
    const { request, answer } = await world.models.next();
    const { text: told } = request.messages[0] as { readonly text: string };
    expect(told).toContain(`${'ж'.repeat(10)}\n[cut after 32768 of 80000 bytes`);
    const call = { name: 'read_result', arguments: JSON.stringify({ id, offset: 39_990 }) };
    answer({ toolCalls: [call] });
    const second = await world.models.next();
    expect(second.request.messages.at(-1)).toMatchObject({
      content: `[characters 39990 to 40000 of 40000]\n${'ж'.repeat(10)}`,
    });
    second.answer({ text: 'done' });
    await verified(agentId);
  });

  it('can hand one on to a child, by its id', async () => {
    await world.spawn({ attachments: [image] });
    const parent = await world.models.next();
    const child = { task: { description: 'look' }, attachments: [{ id: imageId }] };
    const spawn = { name: 'spawn_agent', arguments: JSON.stringify(child) };
    const unknown = { ...child, attachments: [{ id: 'f'.repeat(64) }] };
    parent.answer({ toolCalls: [{ ...spawn, arguments: JSON.stringify(unknown) }, spawn] });
    const asked = [await world.models.next(), await world.models.next()];
    const ofChild = asked.find(({ request }) => request.messages.length === 1);
    const ofParent = asked.find(({ request }) => request.messages.length > 1);
    expect(ofChild?.request.messages[0]).toMatchObject({ images: [{ data: PNG }] });
    expect(JSON.stringify(ofParent?.request.messages)).toContain('there is no attachment ffff');
    for (const { answer } of asked) answer({ text: 'done' });
  });
});

describe('what a tool brings', () => {
  beforeEach(() => start(true));

  it('lies beside the log, is named to the model and can be handed on', async () => {
    const agentId = await world.spawn({ tools: ['tools__*'] });
    const act = { name: 'tools__act', arguments: '{}' };
    (await world.models.next()).answer({ toolCalls: [act] });
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80]);
    const file = { bytes, mediaType: 'audio/mpeg', name: 'call.mp3' };
    (await world.tools.next()).answer({ content: 'a call', isError: false, files: [file] });
    const { request, answer } = await world.models.next();
    const id = sha256Hex(bytes);
    const content = `a call\n[attachment ${id}: call.mp3, audio/mpeg, 4 bytes]`;
    expect(request.messages.at(-1)).toMatchObject({ content });
    expect(await world.payloads.find('acme', id)).toEqual(bytes);
    const child = { task: { description: 'listen' }, attachments: [{ id }] };
    answer({ toolCalls: [{ name: 'spawn_agent', arguments: JSON.stringify(child) }] });
    const asked = [await world.models.next(), await world.models.next()];
    expect(asked.some(({ request: { messages } }) => messages.length === 1)).toBe(true);
    for (const each of asked) each.answer({ text: 'done' });
    await verified(agentId);
  });

  it('is whole as a file where its text is too long', async () => {
    await world.spawn({ tools: ['tools__*'] });
    const act = { name: 'tools__act', arguments: '{}' };
    (await world.models.next()).answer({ toolCalls: [act] });
    const long = 'x'.repeat(400_010);
    (await world.tools.next()).answer({ content: long, isError: false });
    const { request, answer } = await world.models.next();
    const { content } = request.messages.at(-1) as { readonly content: string };
    expect(content).toContain('[10 more characters left out]\n[attachment ');
    expect((await world.payloads.find('acme', sha256Hex(long)))?.length).toBe(400_010);
    answer({ text: 'done' });
  });
});

describe('a model that does not see', () => {
  beforeEach(() => start(false));

  it('is told that there is an image', async () => {
    await world.spawn({ attachments: [image] });
    const { request, answer } = await world.models.next();
    expect(request.messages[0]).not.toHaveProperty('images');
    expect(request.messages[0]).toMatchObject({
      text: expect.stringContaining('left out: this model does not see]'),
    });
    answer({ text: 'done' });
  });
});
