import { Controller, Get, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import { newUserSchema, userChangesSchema, type ErrorCode, type UserView } from '@skynet/contracts';
import type { User } from '@skynet/domain-access';
import { isRefused } from '@skynet/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUTH, type Auth } from '../auth/auth.js';
import type { UserRequest } from '../principals/users.js';
import { changesIn, type AdminChange } from '../recording/admin-acts.js';
import { admitAdmin, bodyOf, refuse } from './admin-api.js';

/** Users of the administrator's own tenant. */
@Controller('admin/users')
export class UsersController {
  constructor(@Inject(AUTH) private readonly auth: Auth) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const admin = await admitAdmin(this.auth, request, reply);
    if (admin === undefined) return;
    const { users } = this.auth;
    await reply.send({ users: users.list(admin.tenant).map(viewOf) });
  }

  @Post()
  async register(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const admin = await admitAdmin(this.auth, request, reply);
    if (admin === undefined) return;
    const asked = { by: admin, act: 'add-user' } as const;
    const { name, password, roles } = await bodyOf(this.auth, asked, request, newUserSchema);
    const { hasher, machines } = this.auth;
    const details = { roles: roles.join(',') };
    const change: AdminChange = { ...asked, id: name, details };
    // A client and a user of one name would be one principal; of clients in the log the rules themselves know.
    if ((await machines.find(name)) !== undefined) {
      await this.auth.adminActs.refused(change, 'USER_EXISTS');
      await refuse(reply, 'USER_EXISTS', `There is a client ${name} already.`);
      return;
    }
    const passwordHash = await hasher.hash(password);
    const { tenant } = admin;
    const data = { name, tenant, roles, passwordHash };
    await this.carryOut(reply, change, { type: 'RegisterUser', data });
  }

  @Patch(':name')
  async change(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('name') name: string,
  ): Promise<void> {
    const admin = await admitAdmin(this.auth, request, reply);
    if (admin === undefined) return;
    const asked = { by: admin, act: 'change-user', id: name } as const;
    const { password, ...rest } = await bodyOf(this.auth, asked, request, userChangesSchema);
    const { hasher, users } = this.auth;
    const details = changesIn({ ...rest, password });
    const change: AdminChange = { ...asked, details };
    if (users.find(name)?.tenant !== admin.tenant) {
      await this.auth.adminActs.refused(change, 'USER_NOT_FOUND');
      await refuse(reply, 'USER_NOT_FOUND', `There is no user ${name}.`);
      return;
    }
    const passwordHash = password === undefined ? undefined : await hasher.hash(password);
    const data = { ...rest, ...(passwordHash !== undefined && { passwordHash }) };
    await this.carryOut(reply, change, { type: 'ChangeUser', data });
  }

  private async carryOut(
    reply: FastifyReply,
    change: AdminChange,
    request: UserRequest,
  ): Promise<void> {
    const { users, adminActs, log } = this.auth;
    const { id: name, by } = change;
    const { tenant, principal } = by;
    const execution = await adminActs.during(change, () =>
      users.execute(name, request, { tenant, principal }),
    );
    const ok = !isRefused(execution);
    log.info('user changed', { user: name, by: principal, type: request.type, ok });
    if (isRefused(execution)) {
      const { code, message } = execution.refused;
      await refuse(reply, code as ErrorCode, message);
    } else if (execution.state.user !== undefined) {
      await reply.code(200).send(viewOf(execution.state.user));
    }
  }
}

function viewOf({ name, tenant, roles, disabled }: User): UserView {
  return { name, tenant, roles: [...roles], disabled };
}
