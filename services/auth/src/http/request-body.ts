import type { IncomingMessage } from 'node:http';
import { BadRequestException, PayloadTooLargeException } from '@nestjs/common';
import type { ErrorCode } from '@skynet/contracts';
import { z } from 'zod';

const LIMIT_BYTES = 16 * 1024;
const NOT_JSON = 'the body is not JSON';

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

/**
 * @throws PayloadTooLargeException
 * @throws BadRequestException that names every wrong field
 */
export async function jsonBody<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(jsonOf(await bodyText(request)));
  if (!parsed.success) throw new BadRequestException(z.prettifyError(parsed.error));
  return parsed.data;
}

/** Why one of these threw, without a word of the body; undefined when something else went wrong. */
export function whyNotTaken(error: unknown): string | undefined {
  if (error instanceof PayloadTooLargeException) return 'the body is too long';
  if (!(error instanceof BadRequestException)) return undefined;
  const code: ErrorCode = 'INVALID_ARGUMENTS';
  return error.message === NOT_JSON ? NOT_JSON : code;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequestException(NOT_JSON);
  }
}
