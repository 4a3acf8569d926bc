import { attachmentShape, rejectionSchema, type AttachmentShape } from '@skynet/contracts';
import { z } from 'zod';
import { ServerError } from '../errors/server-error.js';
import { authorized, Refused, type Connection } from './connection.js';

const refusalSchema = rejectionSchema.pick({ code: true, message: true }).extend({
  next: z.string(),
});

/** Files of the tenant beside the tools of the edge. */
export class AttachmentFiles {
  private readonly fetch: typeof fetch;

  constructor(private readonly connection: Connection) {
    this.fetch = authorized(connection);
  }

  /**
   * Safe to repeat: the same bytes are the same attachment.
   *
   * @throws Refused when the server says no, as to more than 16 MiB
   * @throws ServerError when nobody answers
   */
  async upload(
    bytes: Uint8Array<ArrayBuffer>,
    { name, mediaType = 'application/octet-stream' }: { name?: string; mediaType?: string },
  ): Promise<AttachmentShape> {
    const url = this.urlOf('attachments');
    if (name !== undefined) url.searchParams.set('name', name);
    const headers = { 'content-type': mediaType };
    const answer = await this.send(url, { method: 'POST', headers, body: bytes });
    return attachmentShape.parse(await answer.json());
  }

  /** @throws as upload */
  async download(id: string): Promise<Uint8Array> {
    const answer = await this.send(this.urlOf(`attachments/${encodeURIComponent(id)}`), {});
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** Beside /mcp, wherever a proxy has put that. */
  private urlOf(path: string): URL {
    return new URL(path, this.connection.mcp.replace(/\/+$/, ''));
  }

  private async send(url: URL, request: RequestInit): Promise<Response> {
    let answer: Response;
    try {
      answer = await this.fetch(url, request);
    } catch (cause) {
      throw new ServerError('EDGE_AWAY', `Nobody answers at ${url.origin}.`, { cause });
    }
    if (answer.ok) return answer;
    const refusal = refusalSchema.safeParse(await answer.json().catch(() => undefined));
    if (refusal.success) {
      const { code, message, next } = refusal.data;
      throw new Refused(code, message, next);
    }
    throw new ServerError('EDGE_AWAY', `${url.origin} answers with status ${answer.status}.`);
  }
}
