import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ATTACHMENT_MAX_BYTES,
  attachmentIdSchema,
  getAgentResultTool,
  hasRole,
  rejection,
  spawnAgentTool,
  type AttachmentShape,
  type ErrorCode,
} from '@skynet/contracts';
import type { Rejection } from '@skynet/kernel';
import {
  attachmentName,
  mediaTypeOf,
  TokenBuckets,
  WorldError,
  type AuditTrail,
  type Clock,
  type Logger,
  type PayloadStore,
  type RateLimit,
} from '@skynet/platform';
import { missingScopes } from '../access/missing-scopes.js';
import type { Caller } from '../recording/caller.js';
import { receivedBody } from './received-body.js';
import { TransferPlaces } from './transfer-places.js';

/** In each direction. Each transfer holds 16 MiB in memory at most. */
const MAX_AT_ONCE = { all: 8, ofTenant: 3 };
/** Whoever reads more slowly is hung up on. */
const SENDING_MAX_MS = 5 * 60_000;
const GIBIBYTE = 1_024 ** 3;

export interface AttachmentDoorOptions {
  readonly payloads: Pick<PayloadStore, 'put' | 'find'>;
  readonly audit: AuditTrail;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bytes of one tenant. Default: a gibibyte, and as many again within an hour. */
  readonly uploads?: RateLimit;
}

/** What an HTTP request for an attachment is answered with when there is none. */
export interface NoAttachment {
  readonly status: 400 | 403 | 404 | 413 | 429 | 500 | 503;
  readonly refused: Rejection<ErrorCode>;
}

export interface FoundAttachment {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** Brings files of a tenant into the store and out of it; which agent has which is nothing to it. */
export class AttachmentDoor {
  private readonly incoming = new TransferPlaces(MAX_AT_ONCE);
  private readonly outgoing = new TransferPlaces(MAX_AT_ONCE);

  private readonly uploads: TokenBuckets;

  constructor(private readonly options: AttachmentDoorOptions) {
    const { clock, uploads = { perSecond: GIBIBYTE / 3_600, burst: GIBIBYTE } } = options;
    this.uploads = new TokenBuckets(uploads, clock);
  }

  /** Safe to repeat: the same bytes are the same attachment. */
  async take(
    request: IncomingMessage,
    caller: Caller,
    said: { readonly mediaType: string | undefined; readonly name: string | undefined },
  ): Promise<AttachmentShape | NoAttachment> {
    const forbidden = await this.forbidden(caller, spawnAgentTool, 'upload_attachment');
    if (forbidden !== undefined) return forbidden;
    const { tenant } = caller.principal;
    const waitMs = this.uploads.take(tenant);
    if (waitMs > 0) return tooMany(tenant, waitMs);
    const leave = this.incoming.take(tenant);
    if (leave === undefined) return BUSY;
    return this.answered('the store does not take the attachment', async () => {
      if (Number(request.headers['content-length'] ?? 0) > ATTACHMENT_MAX_BYTES * 4)
        return TOO_LARGE;
      const body = await receivedBody(request, ATTACHMENT_MAX_BYTES);
      if (body === 'too large') return TOO_LARGE;
      if (body === 'cut off') return no(400, 'the upload was cut off; nothing of it is kept');
      if (body.length === 0) return no(400, 'the attachment is empty');
      // One is counted before it is known how many come.
      this.uploads.charge(tenant, body.length - 1);
      return this.keep(body, caller, said);
    }).finally(leave);
  }

  /** `not modified`: the caller has it, as its `If-None-Match` says; an id has the same bytes for ever. */
  async find(
    id: string,
    caller: Caller,
    to: { readonly response: ServerResponse; readonly ifNoneMatch: string | undefined },
  ): Promise<FoundAttachment | NoAttachment | 'not modified'> {
    const forbidden = await this.forbidden(caller, getAgentResultTool, 'download_attachment');
    if (forbidden !== undefined) return forbidden;
    const { tenant } = caller.principal;
    const known = attachmentIdSchema.safeParse(id);
    if (!known.success) return unknown(id);
    if (to.ifNoneMatch?.includes(`"${id}"`) === true) return 'not modified';
    const leave = this.outgoing.take(tenant);
    if (leave === undefined) return BUSY;
    return this.answered(`attachment ${known.data} is damaged in the store`, async () => {
      const bytes = await this.options.payloads.find(tenant, known.data);
      return bytes === undefined ? unknown(id) : { bytes, mediaType: mediaTypeOf(bytes) };
    }).finally(() => this.onceSent(to.response, leave));
  }

  /** The bytes are in memory until then. */
  private onceSent(response: ServerResponse, leave: () => void): void {
    if (response.closed) return leave();
    const sent = () => {
      cancel();
      leave();
    };
    const cancel = this.options.clock.timer(SENDING_MAX_MS, () => {
      response.off('close', sent).destroy();
      leave();
    });
    response.once('close', sent);
  }

  private async keep(
    body: Buffer,
    { principal: { principal, tenant }, client, address }: Caller,
    said: { readonly mediaType: string | undefined; readonly name: string | undefined },
  ): Promise<AttachmentShape> {
    const { sha256: id, bytes } = await this.options.payloads.put(tenant, body);
    const name = attachmentName(said.name);
    const details = { attachment: id, bytes: String(bytes) };
    const who = { principal, tenant, client, address };
    await this.options.audit.record({
      act: 'upload_attachment',
      outcome: 'allowed',
      ...who,
      details,
    });
    const mediaType = mediaTypeOf(body, said.mediaType);
    return { id, mediaType, bytes, ...(name !== undefined && { name }) };
  }

  private async answered<Answer>(
    broken: string,
    work: () => Promise<Answer>,
  ): Promise<Answer | NoAttachment> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      this.options.log.warn('an attachment could not be stored or read', { error });
      if (error.retry === 'later') return AWAY;
      const next = 'Tell the operator: the same call fails again.';
      return { status: 500, refused: { ...rejection('INTERNAL', broken), next } };
    }
  }

  private async forbidden(
    { principal, client, address }: Caller,
    tool: typeof spawnAgentTool | typeof getAgentResultTool,
    act: string,
  ): Promise<NoAttachment | undefined> {
    const missing = missingScopes(principal, tool);
    if (hasRole(principal, tool.role) && missing === undefined) return undefined;
    const needs =
      missing === undefined
        ? `the role ${tool.role}`
        : `a token with the scope ${missing.scopes[0]}`;
    const reason = `${act} needs ${needs}`;
    const { principal: name, tenant } = principal;
    const who = { principal: name, tenant, client, address };
    await this.options.audit.record({ act, outcome: 'refused', ...who, reason });
    return { status: 403, refused: rejection('FORBIDDEN', reason) };
  }
}

function no(status: 400 | 404 | 413, message: string): NoAttachment {
  return { status, refused: rejection('INVALID_ARGUMENTS', message) };
}

function tooMany(tenant: string, waitMs: number): NoAttachment {
  const seconds = Math.ceil(waitMs / 1_000);
  const message = `${tenant} uploads more bytes than may be; the next one in ${seconds} s`;
  return { status: 429, refused: rejection('RATE_LIMITED', message, { retryAfterMs: waitMs }) };
}

function unknown(id: string): NoAttachment {
  return no(404, `there is no attachment ${id.slice(0, 100)}`);
}

const TOO_LARGE = no(413, `an attachment has at most ${ATTACHMENT_MAX_BYTES} bytes`);
const BUSY: NoAttachment = {
  status: 503,
  refused: rejection('OVERLOADED', 'too many attachments are under way', { retryAfterMs: 1_000 }),
};
const AWAY: NoAttachment = {
  status: 503,
  refused: rejection('UNAVAILABLE', 'the store of attachments does not answer'),
};
