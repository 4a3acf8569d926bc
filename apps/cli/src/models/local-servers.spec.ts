import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { chatDialect, startModelApi } from '@skynet/testing';
import { localRegistry } from './local-registry.js';
import { findLocalServers } from './local-servers.js';

const started: Server[] = [];

afterEach(() => {
  for (const server of started.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function portOf(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  started.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const saying = (body: string, status = 200) =>
  portOf((_, response) => void response.writeHead(status).end(body));

/** Other tests may keep this machine busy. */
const PATIENCE_MS = 20_000;

const price = { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 };

describe('a server of models on this machine', () => {
  it('is found with its models, also beside ports where nobody answers as one', async () => {
    const api = await startModelApi(chatDialect(), { models: ['nomic-embed-text', 'qwen3:8b'] });
    const port = Number(new URL(api.url).port);
    const gone = await saying('');
    await new Promise((resolve) => started.pop()?.close(resolve));
    const others = await Promise.all([
      saying('<html>'),
      saying('{"data":[]}'),
      saying('{"data":[{"id":"x"}]}', 404),
      saying(`{"data":[{"id":"x"}],"more":"${'x'.repeat(256 * 1_024)}"}`),
      portOf((_, response) => void response.writeHead(302, { location: `${api.url}/v1` }).end()),
    ]);
    const found = await findLocalServers([gone, ...others, port, port], PATIENCE_MS);
    const [url, name] = [`${api.url}/v1`, `local-${port}`];
    const models = ['nomic-embed-text', 'qwen3:8b'];
    expect(found).toEqual([{ name, url, models, leftOut: 0 }]);
    expect(localRegistry(found)).toEqual({
      defaultModel: `openai-compatible:${name}/qwen3:8b`,
      providers: { [name]: { url, price } },
    });
    await api.stop();
  });

  it('is shown with the names that can be used, twenty at most, and says how many are left out', async () => {
    const odd = [{ id: 'x\u001b[2J' }, { id: 'x'.repeat(97) }, { id: 7 }, {}, null, 'plain'];
    const many = Array.from({ length: 30 }, (_, index) => ({ name: `m${index}` }));
    const port = await saying(JSON.stringify({ models: [...odd, ...many] }));
    const [found] = await findLocalServers([port], PATIENCE_MS);
    expect(found?.models).toHaveLength(20);
    expect(found?.models.slice(0, 2)).toEqual(['plain', 'm0']);
    expect(found?.leftOut).toBe(16);
  });

  it('is not waited for', async () => {
    const startedMs = performance.now();
    expect(await findLocalServers([await portOf(() => undefined)])).toEqual([]);
    expect(performance.now() - startedMs).toBeLessThan(PATIENCE_MS);
  });

  it('gives no default when none of its models can chat', () => {
    const server = { name: 'ollama', url: 'http://127.0.0.1:11434/v1', leftOut: 0 };
    expect(localRegistry([{ ...server, models: ['text-embedding-nomic', 'bge-m3'] }])).toBe(
      undefined,
    );
    expect(localRegistry([])).toBeUndefined();
  });
});
