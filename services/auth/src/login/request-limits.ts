import type { IncomingMessage } from 'node:http';
import type { StrangersRoom } from '../store/strangers-room.js';
import { callerAddress } from './caller-address.js';
import type { Attempts } from './attempts.js';

export interface RequestLimitsOptions {
  readonly attempts: Attempts;
  readonly registrationsPerHour: number;
  readonly behindProxy: boolean;
  /** What all addresses together may leave behind. */
  readonly room: Pick<StrangersRoom, 'isFull'>;
}

const HOUR_MS = 60 * 60 * 1_000;
const MINUTE_MS = 60_000;
const DOCUMENTS = { free: 60, longestWaitMs: HOUR_MS };
/** Per address and hour. A house of many people has one address: the waits are short where nothing can be guessed. */
const OF_STRANGERS = {
  authorize: { free: 300, longestWaitMs: MINUTE_MS },
  'device-code': { free: 60, longestWaitMs: 15 * MINUTE_MS },
  'user-code': { free: 30, longestWaitMs: 15 * MINUTE_MS },
} as const;

/** How often one address may do what costs us something before anybody has logged in. */
export class RequestLimits {
  constructor(private readonly options: RequestLimitsOptions) {}

  /** Milliseconds to wait before a client may be registered, 0 for now. */
  registrationWaitMs(request: IncomingMessage): Promise<number> {
    const { registrationsPerHour: free } = this.options;
    return this.begin('register', request, { free, longestWaitMs: HOUR_MS });
  }

  /** Milliseconds to wait before the caller's address may do this once more, 0 for now. */
  waitMs(what: keyof typeof OF_STRANGERS, request: IncomingMessage): Promise<number> {
    return this.begin(what, request, OF_STRANGERS[what]);
  }

  /** Nobody may begin a login now, whoever asks; those who have begun go on. */
  get strangersAreMany(): boolean {
    return this.options.room.isFull;
  }

  async mayFetchDocument(request: IncomingMessage): Promise<boolean> {
    return (await this.begin('document', request, DOCUMENTS)) === 0;
  }

  addressOf(request: IncomingMessage): string {
    return callerAddress(request, this.options.behindProxy);
  }

  private begin(
    what: string,
    request: IncomingMessage,
    limit: { readonly free: number; readonly longestWaitMs: number },
  ): Promise<number> {
    return this.options.attempts.begin([what, this.addressOf(request)], limit);
  }
}
