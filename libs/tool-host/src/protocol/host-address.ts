import { connect, type Socket } from 'node:net';

/** Where a host listens: a socket in the file system, or a port. */
export type HostAddress =
  { readonly path: string } | { readonly host: string; readonly port: number };

/** Reads `unix:/run/tools.sock` or `tcp://tool-host:7514`; undefined for anything else. */
export function parseHostAddress(text: string): HostAddress | undefined {
  const [, path] = /^unix:(\/.+)$/.exec(text) ?? [];
  if (path !== undefined) return { path };
  const [, host, port] = /^tcp:\/\/(\[[\da-f:]+\]|[\w.-]+):(\d{1,5})\/?$/i.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** @throws Error when nobody listens there */
export async function connectTo(address: HostAddress): Promise<Socket> {
  const socket = connect(address);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.setNoDelay(true);
  return socket;
}
