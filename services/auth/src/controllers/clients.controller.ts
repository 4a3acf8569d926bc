import { Controller, Delete, Get, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import {
  clientChangesSchema,
  newClientSchema,
  secretRotationSchema,
  type ErrorCode,
} from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUTH, type Auth } from '../auth/auth.js';
import { cliClient } from '../clients/cli-client.js';
import { hashSecret, newSecret } from '../clients/client-secret.js';
import { clientView, type ClientRequest } from '../clients/machine-clients.js';
import { changesIn, type AdminChange } from '../recording/admin-acts.js';
import { admitAdmin, bodyOf, refuse } from './admin-api.js';

/** What an administrator may ask, and of which client. */
interface Asked {
  readonly reply: FastifyReply;
  readonly change: AdminChange;
}

/** Clients with a secret, of the administrator's own tenant. */
@Controller('admin/clients')
export class ClientsController {
  constructor(@Inject(AUTH) private readonly auth: Auth) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const admin = await admitAdmin(this.auth, request, reply);
    if (admin === undefined) return;
    const clients = await this.auth.machines.list(admin.tenant);
    await reply.send({ clients: clients.map((client) => clientView(client, client.keptIn)) });
  }

  @Post()
  async register(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const admin = await admitAdmin(this.auth, request, reply);
    if (admin === undefined) return;
    const unread = { by: admin, act: 'add-client' } as const;
    const wanted = await bodyOf(this.auth, unread, request, newClientSchema);
    const { clientId, roles, scopes } = wanted;
    const details = changesIn({ roles, scopes });
    const change: AdminChange = { ...unread, id: clientId, details };
    const isTaken = (await this.auth.machines.find(clientId)) !== undefined;
    if (isTaken || clientId === cliClient.client_id) {
      await this.auth.adminActs.refused(change, 'CLIENT_EXISTS');
      await refuse(reply, 'CLIENT_EXISTS', `There is a client ${clientId} already.`);
      return;
    }
    const secret = newSecret();
    const data = { ...wanted, tenant: admin.tenant, secretHash: await hashSecret(secret) };
    await this.carryOut({ reply, change }, { type: 'RegisterClient', data }, secret);
  }

  @Patch(':clientId')
  async change(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('clientId') clientId: string,
  ): Promise<void> {
    const asked = await this.mayChange(request, reply, clientId);
    if (asked === undefined) return;
    const data = await bodyOf(this.auth, asked.change, request, clientChangesSchema);
    const change = { ...asked.change, details: changesIn(data) };
    await this.carryOut({ reply, change }, { type: 'ChangeClient', data });
  }

  @Post(':clientId/secret')
  async rotate(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('clientId') clientId: string,
  ): Promise<void> {
    const asked = await this.mayChange(request, reply, clientId, { changed: 'secret' });
    if (asked === undefined) return;
    const { keepOldSeconds } = await bodyOf(this.auth, asked.change, request, secretRotationSchema);
    const secret = newSecret();
    const oldUntilMs = this.auth.clock.nowMs() + keepOldSeconds * 1_000;
    const data = {
      secretHash: await hashSecret(secret),
      ...(keepOldSeconds > 0 && { oldUntilMs }),
    };
    const details = changesIn({ secret, keepOldSeconds });
    const change = { ...asked.change, details };
    await this.carryOut({ reply, change }, { type: 'ReplaceClientSecret', data }, secret);
  }

  @Delete(':clientId')
  async remove(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('clientId') clientId: string,
  ): Promise<void> {
    const asked = await this.mayChange(request, reply, clientId, { changed: 'removed' });
    if (asked === undefined) return;
    await this.carryOut(asked, { type: 'RemoveClient', data: {} });
  }

  private async mayChange(
    request: FastifyRequest,
    reply: FastifyReply,
    clientId: string,
    details: AdminChange['details'] = {},
  ): Promise<Asked | undefined> {
    const admin = await admitAdmin(this.auth, request, reply);
    if (admin === undefined) return undefined;
    const change: AdminChange = { by: admin, act: 'change-client', id: clientId, details };
    const client = await this.auth.machines.find(clientId);
    if (client?.tenant !== admin.tenant) {
      await this.auth.adminActs.refused(change, 'CLIENT_NOT_FOUND');
      await refuse(reply, 'CLIENT_NOT_FOUND', `There is no client ${clientId}.`);
      return undefined;
    }
    if (client.keptIn === 'file') {
      await this.auth.adminActs.refused(change, 'CLIENT_IN_FILE');
      await refuse(
        reply,
        'CLIENT_IN_FILE',
        `The client ${clientId} stands in the operator’s file.`,
      );
      return undefined;
    }
    return { reply, change };
  }

  private async carryOut(
    { reply, change }: Asked,
    request: ClientRequest,
    clientSecret?: string,
  ): Promise<void> {
    const { machines, adminActs, log } = this.auth;
    const { id: clientId, by } = change;
    const { tenant, principal } = by;
    const execution = await adminActs.during(change, () =>
      machines.execute(clientId, request, { tenant, principal }),
    );
    const ok = !isRefused(execution);
    log.info('client changed', { client: clientId, by: principal, type: request.type, ok });
    if (isRefused(execution)) {
      const { code, message } = execution.refused;
      await refuse(reply, code as ErrorCode, message);
    } else if (execution.state.client !== undefined) {
      const view = clientView(execution.state.client, 'log');
      const shown = clientSecret === undefined ? view : { ...view, clientSecret };
      await reply.code(200).header('cache-control', 'no-store').send(shown);
    }
  }
}
