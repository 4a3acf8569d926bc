import { Controller, ForbiddenException, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUTH, type Auth } from '../auth/auth.js';
import type { Asked } from '../login/interaction.js';
import type { Page } from '../pages/page.js';
import { asIssuer } from '../http/as-issuer.js';
import { formBody, whyNotTaken } from '../http/request-body.js';

/** Login and consent. The library's cookie, sent to this very path only, says which login is meant. */
@Controller('interaction/:uid')
export class InteractionController {
  constructor(@Inject(AUTH) private readonly auth: Auth) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendPage(reply, await this.auth.interaction.show(await this.asked(request, reply)));
  }

  @Post()
  async answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.refuseForeignPage(request);
    const form = await this.formOf(request);
    const asked = await this.asked(request, reply);
    const step = await this.auth.interaction.answer(asked, form);
    if (step.kind === 'page') {
      await sendPage(reply, step.page);
      return;
    }
    const { provider } = asked;
    const goOn = await provider.interactionResult(request.raw, reply.raw, step.result, {
      mergeWithLastSubmission: step.result.error === undefined,
    });
    await reply.code(303).header('location', goOn).header('cache-control', 'no-store').send();
  }

  private async asked(request: FastifyRequest, reply: FastifyReply): Promise<Asked> {
    const { provider } = await this.auth.server.serving();
    asIssuer(request.raw, this.auth.config.issuer);
    const address = this.auth.limits.addressOf(request.raw);
    return { provider, request: request.raw, response: reply.raw, address };
  }

  private async formOf({ raw }: FastifyRequest): Promise<URLSearchParams> {
    // A request that was not read to its end has no address any more.
    const address = this.auth.limits.addressOf(raw);
    try {
      return await formBody(raw);
    } catch (error) {
      const reason = whyNotTaken(error);
      if (reason !== undefined) await this.refused(address, reason);
      throw error;
    }
  }

  /** Cookies do not come with the posts of other pages either; this does not depend on the browser's defaults. */
  private async refuseForeignPage({ headers, raw }: FastifyRequest): Promise<void> {
    const own = new URL(this.auth.config.issuer).origin;
    if (headers.origin !== undefined && headers.origin !== own) {
      const reason = 'this form was not sent from a page of this server';
      await this.refused(this.auth.limits.addressOf(raw), reason);
      throw new ForbiddenException(reason);
    }
  }

  private refused(address: string, reason: string): Promise<void> {
    return this.auth.audit.record({ act: 'login', outcome: 'refused', address, reason });
  }
}

async function sendPage(reply: FastifyReply, { status, headers, body }: Page): Promise<void> {
  await reply.code(status).headers(headers).send(body);
}
