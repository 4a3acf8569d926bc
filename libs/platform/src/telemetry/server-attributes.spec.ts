import { expect, it } from '@jest/globals';
import { serverAttributes } from './server-attributes.js';

it.each([
  ['https://api.example.com/v1', 'api.example.com', 443],
  ['http://127.0.0.1:8080/mcp', '127.0.0.1', 8080],
  ['http://[::1]/mcp', '::1', 80],
  ['http://someone:secret@files.example/mcp?key=secret', 'files.example', 80],
])('of %s tells no more than host and port', (url, address, port) => {
  expect(serverAttributes(url)).toEqual({ 'server.address': address, 'server.port': port });
});

it.each([undefined, '', 'nonsense', 'file:///etc/passwd'])('of %j tells nothing', (url) => {
  expect(serverAttributes(url)).toEqual({});
});
