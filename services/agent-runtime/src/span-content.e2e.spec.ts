import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  startOtlpReceiver,
  startStackIn,
  type OtlpReceiver,
  type ReceivedSpan,
  type Stack,
} from '@skynet/testing';

const SECRET = 'hunter2-hunter2';

let receiver: OtlpReceiver;
let stack: Stack;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  stack = await startStackIn({
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACES_CONTENT: 'true' },
    SPEC_TOKEN: SECRET,
  });
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await receiver.stop();
}, 20_000);

it('content in spans has no secret that the process knows', async () => {
  const client = await stack.connect();
  const description = `use ${SECRET} wisely`;
  await client.call('spawn_agent', { task: { description }, model: { id: 'scripted:echo' } });
  const isLife = ({ name }: ReceivedSpan) => name === 'invoke_agent use *** wisely';
  const isChat = ({ name }: ReceivedSpan) => name === 'chat scripted:echo';
  await receiver.until((spans) => spans.some(isLife) && spans.some(isChat));
  const { attributes } = receiver.spans.find(isChat) ?? {};
  expect(attributes?.['gen_ai.input.messages']).toContain('use *** wisely');
  expect(attributes?.['gen_ai.output.messages']).toContain('use *** wisely');
  expect(JSON.stringify(receiver.spans)).not.toContain(SECRET);
}, 30_000);
