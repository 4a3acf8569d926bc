import type { Socket } from 'node:net';
import { connectTo, type HostAddress } from '../protocol/host-address.js';
import type { HostConnector } from './hosted-server.js';

/** A host that runs elsewhere, as in a container of its own. */
export class RemoteToolHost implements HostConnector {
  constructor(private readonly address: HostAddress) {}

  connect(): Promise<Socket> {
    return connectTo(this.address);
  }

  async close(): Promise<void> {
    // Others may use it.
  }
}
