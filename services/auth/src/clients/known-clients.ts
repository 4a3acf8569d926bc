import type { Clock } from '@skynet/platform';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Artifacts } from '../store/artifacts.js';
import { cliClient } from './cli-client.js';
import type { StrangersClient } from './client-metadata.js';
import type { MachineClients } from './machine-clients.js';

export interface KnownClientsOptions {
  /** Those with a secret. */
  readonly machines: MachineClients;
  /** Those that registered themselves. */
  readonly registered: Artifacts;
  readonly strangersClient: StrangersClient;
  readonly idleSeconds: number;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** As dear as a wrong secret, so that neither time nor waits tell which clients exist. */
  readonly matchNothing: (clientId: string) => Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Every client that needs no document of its own: those with a secret, the command line, and the registered ones. */
export class KnownClients implements Adapter {
  constructor(private readonly options: KnownClientsOptions) {}

  async find(clientId: string): Promise<AdapterPayload | undefined> {
    if (clientId === cliClient.client_id) return cliClient;
    // The id of a client that has a document; such a client has no secret.
    if (clientId.startsWith('https://')) return undefined;
    const found = (await this.machine(clientId)) ?? (await this.registeredAs(clientId));
    if (found === undefined) await this.options.matchNothing(clientId);
    return found;
  }

  /** A client registers itself. */
  async upsert(clientId: string, said: AdapterPayload): Promise<void> {
    await this.keep(clientId, this.options.strangersClient(said));
  }

  async destroy(clientId: string): Promise<void> {
    await this.options.registered.destroy(clientId);
  }

  findByUid(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  consume(): never {
    throw new Error('a client is not used up');
  }

  revokeByGrantId(): never {
    throw new Error('a client belongs to no grant');
  }

  private async machine(clientId: string): Promise<AdapterPayload | undefined> {
    const client = await this.options.machines.active(clientId);
    return (
      client && {
        client_id: clientId,
        client_secret: client.secretHashes.join(' '),
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      }
    );
  }

  /** Using a client keeps it. */
  private async registeredAs(clientId: string): Promise<AdapterPayload | undefined> {
    const found = await this.options.registered.find(clientId);
    if (found === undefined) return undefined;
    const { usedAtMs = 0, ...client } = found as AdapterPayload & { usedAtMs?: number };
    if (this.options.clock.nowMs() - usedAtMs > DAY_MS) await this.keep(clientId, client);
    return client;
  }

  private async keep(clientId: string, client: AdapterPayload): Promise<void> {
    const { registered, idleSeconds, clock } = this.options;
    await registered.upsert(clientId, { ...client, usedAtMs: clock.nowMs() }, idleSeconds);
  }
}
