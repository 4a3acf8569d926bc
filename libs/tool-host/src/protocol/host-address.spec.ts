import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { connectTo, parseHostAddress } from './host-address.js';

describe('the address of a host', () => {
  const addresses: [text: string, address: unknown][] = [
    ['unix:/run/tools.sock', { path: '/run/tools.sock' }],
    ['tcp://tool-host:7514', { host: 'tool-host', port: 7_514 }],
    ['tcp://[::1]:7514', { host: '::1', port: 7_514 }],
    ['tcp://tool-host', undefined],
    ['tcp://tool-host:70000', undefined],
    ['unix:tools.sock', undefined],
    ['http://tool-host:7514', undefined],
    ['', undefined],
  ];

  it.each(addresses)('is a socket or a port: %s', (text, address) => {
    expect(parseHostAddress(text)).toEqual(address);
  });

  it('that nobody listens at is an error', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    await expect(connectTo({ host: '127.0.0.1', port })).rejects.toThrow('ECONNREFUSED');
  });
});
