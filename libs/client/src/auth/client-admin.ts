import {
  clientViewSchema,
  clientWithSecretSchema,
  type ClientChanges,
  type ClientView,
  type ClientWithSecret,
  type NewClient,
  type SecretRotation,
} from '@skynet/contracts';
import { z } from 'zod';
import { AdminApi, type AdminApiOptions } from './admin-api.js';

const listSchema = z.object({ clients: z.array(clientViewSchema) });

/** The clients with a secret of a stack. */
export class ClientAdmin {
  private readonly api: AdminApi;

  constructor(options: AdminApiOptions) {
    this.api = new AdminApi(options);
  }

  async list(): Promise<readonly ClientView[]> {
    return listSchema.parse(await this.api.call('GET', '/clients')).clients;
  }

  async add(client: NewClient): Promise<ClientWithSecret> {
    return clientWithSecretSchema.parse(await this.api.call('POST', '/clients', client));
  }

  async rotate(clientId: string, rotation: SecretRotation): Promise<ClientWithSecret> {
    const path = `${pathOf(clientId)}/secret`;
    return clientWithSecretSchema.parse(await this.api.call('POST', path, rotation));
  }

  async change(clientId: string, changes: ClientChanges): Promise<ClientView> {
    return clientViewSchema.parse(await this.api.call('PATCH', pathOf(clientId), changes));
  }

  async remove(clientId: string): Promise<void> {
    await this.api.call('DELETE', pathOf(clientId));
  }
}

function pathOf(clientId: string): string {
  return `/clients/${encodeURIComponent(clientId)}`;
}
