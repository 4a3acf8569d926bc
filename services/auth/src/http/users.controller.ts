import { Controller, Get, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import {
  errorCodes,
  newUserSchema,
  rejection,
  userChangesSchema,
  type ErrorCode,
  type Principal,
  type UserView,
} from '@skynet/contracts';
import type { User, UserState } from '@skynet/domain-access';
import type { Execution } from '@skynet/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUTH, type Auth } from '../auth.js';
import type { UserRequest } from '../principals/users.js';
import { jsonBody } from './request-body.js';

const STATUS_OF: Partial<Record<ErrorCode, number>> = { USER_EXISTS: 409, USER_NOT_FOUND: 404 };

/** Users of the administrator's own tenant. */
@Controller('admin/users')
export class UsersController {
  constructor(@Inject(AUTH) private readonly auth: Auth) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const admin = await this.admit(request, reply);
    if (admin === undefined) return;
    const { users } = this.auth;
    await reply.send({ users: users.list(admin.tenant).map(viewOf) });
  }

  @Post()
  async register(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const admin = await this.admit(request, reply);
    if (admin === undefined) return;
    const { name, password, roles } = await jsonBody(request.raw, newUserSchema);
    const { hasher, registry } = this.auth;
    // A client and a user of one name would be one principal.
    if ((await registry.find(name)) !== undefined) {
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
    const admin = await this.admit(request, reply);
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
    await answer(reply, execution);
  }

  private async admit(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Principal | undefined> {
    const verdict = await this.auth.adminTokens.check(request.headers.authorization);
    switch (verdict.kind) {
      case 'admin':
        return verdict.principal;
      case 'unknown':
        void reply.header('www-authenticate', 'Bearer scope="agents:admin"').code(401);
        await reply.send(rejection('UNAUTHENTICATED', 'a token for this server is needed'));
        return undefined;
      case 'not-admin':
        void reply
          .header('www-authenticate', 'Bearer error="insufficient_scope", scope="agents:admin"')
          .code(403);
        await reply.send(rejection('FORBIDDEN', 'the scope agents:admin is needed'));
        return undefined;
    }
  }
}

async function answer(
  reply: FastifyReply,
  execution: Pick<Execution<unknown, UserState>, 'ok' | 'state'> & {
    readonly rejection?: { readonly code: string; readonly message: string };
  },
): Promise<void> {
  const { state, rejection: no } = execution;
  if (no !== undefined) await refuse(reply, no.code as ErrorCode, no.message);
  else if (state !== undefined) await reply.code(200).send(viewOf(state));
}

async function refuse(reply: FastifyReply, code: ErrorCode, message: string): Promise<void> {
  const status = STATUS_OF[code] ?? 400;
  await reply.code(status).send({ code, message, next: errorCodes[code] });
}

function viewOf({ name, tenant, roles, disabled }: User): UserView {
  return { name, tenant, roles: [...roles], disabled };
}
