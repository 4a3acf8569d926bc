import { AsyncLocalStorage } from 'node:async_hooks';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/client';
import { readElicitation } from '../reading/asked-input.js';
import type { InputAnswer, ToolCallRequest } from '../tool-server.port.js';
import type { CallLimit } from './call-limit.js';

/** Questions of one call; a server that asks on and on is told that nobody listens any more. */
export const MAX_QUESTIONS = 10;

interface OpenCall {
  readonly request: ToolCallRequest;
  readonly limit: CallLimit;
  /** One question is asked at a time. */
  turn: Promise<unknown>;
  questions: number;
}

/** Calls under way on one connection, for servers that ask people while a call is open. */
export class OpenCalls {
  /** Over HTTP what a server sends comes on the connection of the call. */
  private readonly current = new AsyncLocalStorage<OpenCall>();
  private readonly open = new Set<OpenCall>();

  /** `unanswered`: how many calls the server has not answered, where it may ask for any of them. Default: it can't. */
  constructor(private readonly unanswered: () => number = () => 0) {}

  async run<Result>(
    request: ToolCallRequest,
    limit: CallLimit,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const call = { request, limit, turn: Promise.resolve(), questions: 0 };
    this.open.add(call);
    try {
      return await this.current.run(call, work);
    } finally {
      this.open.delete(call);
    }
  }

  /**
   * The answer to `elicitation/create`, unless the server withdraws that.
   *
   * @throws ProtocolError when it can't be asked
   */
  async answer(params: unknown, withdrawn?: AbortSignal): Promise<InputAnswer> {
    const call = this.asking();
    const { onQuestion } = call.request;
    if (onQuestion === undefined) throw refused('nobody can be asked during this call');
    if (call.questions >= MAX_QUESTIONS)
      throw refused(`no more than ${MAX_QUESTIONS} questions are asked during one call`);
    const question = readElicitation(`q${(call.questions += 1)}`, params);
    if (typeof question === 'string') throw refused(question);
    const asked = call.turn.then(() => call.limit.without(() => onQuestion(question, withdrawn)));
    call.turn = asked.catch(() => undefined);
    const { action, content } = await asked;
    return { action, ...(content !== undefined && { content }) };
  }

  private asking(): OpenCall {
    const found = this.current.getStore();
    if (found !== undefined) {
      if (this.open.has(found)) return found;
      throw refused('the call that asks is over');
    }
    const [call, ...more] = this.open;
    if (call === undefined) throw refused('no call is under way');
    if (more.length > 0) throw refused('several calls are under way; which one asks is not known');
    if (this.unanswered() > 1)
      throw refused('a call was given up and has no answer yet; which one asks is not known');
    return call;
  }
}

function refused(reason: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, reason);
}
