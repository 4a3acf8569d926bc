import type { IncomingMessage } from 'node:http';
import { BadRequestException, PayloadTooLargeException } from '@nestjs/common';
import { z } from 'zod';

const LIMIT_BYTES = 16 * 1024;

async function bodyText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LIMIT_BYTES) throw new PayloadTooLargeException();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The fields of a form as a browser posts it. */
export async function formBody(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await bodyText(request));
}

/** @throws BadRequestException that names every wrong field */
export async function jsonBody<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> {
  let data: unknown;
  try {
    data = JSON.parse(await bodyText(request));
  } catch {
    throw new BadRequestException('the body is not JSON');
  }
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw new BadRequestException(z.prettifyError(parsed.error));
  return parsed.data;
}
