import { Controller, Get, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import {
  newUserSchema,
  userChangesSchema,
  type ErrorCode,
  type Principal,
  type UserView,
} from '@skynet/contracts';
import type { User } from '@skynet/domain-access';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUTH, type Auth } from '../auth.js';
import type { UserRequest } from '../principals/users.js';
import { admitAdmin, refuse } from './admin-api.js';
import { jsonBody } from './request-body.js';

/** Users of the administrator's own tenant. */
@Controller('admin/users')
export class UsersController {
  constructor(@Inject(AUTH) private readonly auth: Auth) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const admin = await admitAdmin(this.auth.adminTokens, request, reply);
    if (admin === undefined) return;
    const { users } = this.auth;
    await reply.send({ users: users.list(admin.tenant).map(viewOf) });
  }

  @Post()
  async register(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const admin = await admitAdmin(this.auth.adminTokens, request, reply);
    if (admin === undefined) return;
    const { name, password, roles } = await jsonBody(request.raw, newUserSchema);
    const { hasher, machines } = this.auth;
    // A client and a user of one name would be one principal; of clients in the log the rules themselves know.
    if ((await machines.find(name)) !== undefined) {
      await refuse(reply, 'USER_EXISTS', `There is a client ${name} already.`);
      return;
    }
    const passwordHash = await hasher.hash(password);
    const { tenant } = admin;
    const data = { name, tenant, roles, passwordHash };
    await this.carryOut(reply, admin, name, { type: 'RegisterUser', data });
  }

  @Patch(':name')
  async change(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('name') name: string,
  ): Promise<void> {
    const admin = await admitAdmin(this.auth.adminTokens, request, reply);
    if (admin === undefined) return;
    const { password, ...rest } = await jsonBody(request.raw, userChangesSchema);
    const { hasher, users } = this.auth;
    if (users.find(name)?.tenant !== admin.tenant) {
      await refuse(reply, 'USER_NOT_FOUND', `There is no user ${name}.`);
      return;
    }
    const passwordHash = password === undefined ? undefined : await hasher.hash(password);
    const data = { ...rest, ...(passwordHash !== undefined && { passwordHash }) };
    await this.carryOut(reply, admin, name, { type: 'ChangeUser', data });
  }

  private async carryOut(
    reply: FastifyReply,
    { tenant, principal }: Principal,
    name: string,
    request: UserRequest,
  ): Promise<void> {
    const { users, log } = this.auth;
    const execution = await users.execute(name, request, { tenant, principal });
    log.info('user changed', { user: name, by: principal, type: request.type, ok: execution.ok });
    if (!execution.ok) {
      const { code, message } = execution.rejection;
      await refuse(reply, code as ErrorCode, message);
    } else if (execution.state.user !== undefined) {
      await reply.code(200).send(viewOf(execution.state.user));
    }
  }
}

function viewOf({ name, tenant, roles, disabled }: User): UserView {
  return { name, tenant, roles: [...roles], disabled };
}
