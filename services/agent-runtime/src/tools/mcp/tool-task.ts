import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/client';
import { sleep, WorldError, type Clock } from '@skynet/platform';
import { readAskedInput } from '../reading/asked-input.js';
import { readProgress } from '../reading/call-progress.js';
import { readToolResult } from '../reading/tool-content.js';
import { isRecord } from '../records.js';
import type { InputAnswer, ToolCallRequest, ToolResult } from '../tool-server.port.js';
import { CallLimit } from './call-limit.js';
import { MAX_QUESTIONS } from './open-calls.js';

/** Extension of MCP: a call may be answered with a task, whose result is asked for later (SEP-2663). */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

export type TaskMethod = 'tasks/get' | 'tasks/update' | 'tasks/cancel';

export interface TaskMeans {
  readonly call: ToolCallRequest;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Calls the tool; the answer as the server sent it. */
  readonly send: () => Promise<unknown>;
  /** One request about a task, on a connection that may be a new one; the answer as the server sent it. */
  readonly ask: (
    method: TaskMethod,
    params: Readonly<Record<string, unknown>>,
    limits: { readonly timeout: number; readonly signal?: AbortSignal },
  ) => Promise<unknown>;
}

type Raw = Readonly<Record<string, unknown>>;

const MAX_ID_CHARS = 256;
const MAX_REASON_CHARS = 2_000;
/** Whatever the server wishes. */
const POLL_MS = { least: 250, usual: 1_000, most: 30_000 };
/** Of one request about a task. */
const REQUEST_LIMIT_MS = 30_000;
const CANCEL_LIMIT_MS = 5_000;

/**
 * The result of a call, or of the task that the call leads to, or led to before. A task is asked for until it has ended, also
 * while its server is away; nobody waits longer than for a call that tells of its progress.
 *
 * @throws WorldError `retry: 'never'` when it is unknown what became of a task; what `send` throws
 */
export async function resultOfCall(means: TaskMeans): Promise<ToolResult> {
  const { task } = means.call;
  if (task?.runningId !== undefined) return new ToolTask(task.runningId, means).result();
  const answered = await means.send();
  if (!isTask(answered)) return readToolResult(answered);
  const { taskId } = answered;
  if (typeof taskId !== 'string' || taskId === '' || taskId.length > MAX_ID_CHARS)
    throw new WorldError('the server goes on with a task that it gives no usable id', 'never');
  const started = new ToolTask(taskId, means);
  try {
    if (task === undefined) throw new Error('nobody keeps ids of tasks');
    await task.onStarted(taskId);
  } catch (error) {
    await started.cancel();
    throw new WorldError('the id of its task could not be kept', 'never', { cause: error });
  }
  return started.result({ status: 'working', ...answered });
}

function isTask(raw: unknown): raw is Raw {
  return isRecord(raw) && raw['resultType'] === 'task';
}

/** What a server does after it has answered a call. */
class ToolTask {
  private readonly answered = new Set<string>();

  constructor(
    private readonly id: string,
    private readonly means: TaskMeans,
  ) {}

  /** `told`: what the server has said of it last. Default: it is asked. */
  async result(told?: Raw): Promise<ToolResult> {
    const { call, clock, signal } = this.means;
    const { timeoutMs: idleMs, mostMs = idleMs } = call;
    const limit = new CallLimit(clock, { idleMs, mostMs }, signal);
    try {
      return await this.ended(told, limit);
    } catch (error) {
      // Whoever goes on with the agent asks for it.
      if (!signal.aborted || call.task?.isOver() === true) await this.cancel();
      throw error;
    } finally {
      limit.end();
    }
  }

  /** As far as the server does so, soon. */
  async cancel(): Promise<void> {
    const limits = { timeout: CANCEL_LIMIT_MS };
    await this.means.ask('tasks/cancel', { taskId: this.id }, limits).catch(() => undefined);
  }

  private async ended(begun: Raw | undefined, limit: CallLimit): Promise<ToolResult> {
    let told = begun ?? (await this.look(limit));
    for (;;) {
      const result = await this.take(told, limit);
      if (result !== undefined) return result;
      await this.pause(told['pollIntervalMs'], limit);
      told = await this.look(limit);
    }
  }

  private async look(limit: CallLimit): Promise<Raw> {
    const told = await this.ask('tasks/get', {}, limit);
    if (!isRecord(told)) throw this.lost('its answer is no object');
    const { taskId = this.id } = told;
    if (taskId !== this.id) throw this.lost('it tells of another task');
    return told;
  }

  /** Again and again while the server is away: neither to look nor to answer does anything twice. */
  private async ask(method: TaskMethod, params: Raw, limit: CallLimit): Promise<unknown> {
    const limits = { timeout: REQUEST_LIMIT_MS, signal: limit.signal };
    for (;;) {
      try {
        const told = await this.means.ask(method, { taskId: this.id, ...params }, limits);
        limit.heard();
        return told;
      } catch (error) {
        limit.signal.throwIfAborted();
        if (isRefusal(error)) throw this.lost(error.message);
        await this.pause(undefined, limit);
      }
    }
  }

  private async pause(wishedMs: unknown, { signal }: CallLimit): Promise<void> {
    const { least, usual, most } = POLL_MS;
    const { clock, call } = this.means;
    const asked = typeof wishedMs === 'number' && wishedMs > 0 ? wishedMs : usual;
    // Not so seldom that the call ends meanwhile.
    const pauseMs = Math.min(most, Math.max(least, asked), call.timeoutMs / 2);
    await sleep(clock, pauseMs, signal);
    signal.throwIfAborted();
  }

  /** Undefined: it goes on. */
  private async take(told: Raw, limit: CallLimit): Promise<ToolResult | undefined> {
    const { status } = told;
    switch (status) {
      case 'working':
        this.tell(told);
        return undefined;
      case 'completed':
        return finished(told['result']);
      case 'failed':
        return failedWith(`The task failed: ${reasonIn(told)}`);
      case 'cancelled':
        return failedWith(`The server has cancelled the task: ${reasonIn(told)}`);
      case 'input_required':
        return this.answer(told, limit);
      default:
        throw this.lost(`it is ${String(JSON.stringify(status)).slice(0, 50)}`);
    }
  }

  private tell({ statusMessage: message }: Raw): void {
    const progress = readProgress({ message });
    if (progress !== undefined) this.means.call.onProgress?.(progress);
  }

  /** Puts to people what it wants to know, and nothing twice. */
  private async answer(told: Raw, limit: CallLimit): Promise<ToolResult | undefined> {
    const { onQuestion } = this.means.call;
    const asked = readAskedInput({
      ...told,
      resultType: 'input_required',
      requestState: undefined,
    });
    if (asked === undefined || typeof asked === 'string' || onQuestion === undefined)
      return this.giveUp(typeof asked === 'string' ? asked : 'nobody can be asked');
    for (const request of asked.requests) {
      if (this.answered.has(request.key)) continue;
      if (this.answered.size >= MAX_QUESTIONS)
        return this.giveUp(`no more than ${MAX_QUESTIONS} questions are asked for one task`);
      const given = await limit
        .without(() => onQuestion(request))
        .catch((error: unknown) => {
          limit.signal.throwIfAborted();
          return error instanceof Error ? error.message : String(error);
        });
      if (typeof given === 'string') return this.giveUp(given);
      await this.give(request.key, given, limit);
      this.answered.add(request.key);
    }
    return undefined;
  }

  private async give(key: string, { action, content }: InputAnswer, limit: CallLimit) {
    const said = { action, ...(content !== undefined && { content }) };
    // Of one that is over meanwhile the next look tells.
    await this.ask('tasks/update', { inputResponses: { [key]: said } }, limit).catch(() =>
      limit.signal.throwIfAborted(),
    );
  }

  private async giveUp(why: string): Promise<ToolResult> {
    await this.cancel();
    return failedWith(`NOT_DONE: the task asks for input, which nobody can give it here: ${why}.`);
  }

  private lost(reason: string): WorldError {
    const why = reason.slice(0, MAX_REASON_CHARS).toWellFormed();
    return new WorldError(`the server does not say what became of its task: ${why}`, 'never');
  }
}

/** The server may have trouble of its own, which passes. */
function isRefusal(error: unknown): error is ProtocolError {
  return error instanceof ProtocolError && error.code !== Number(ProtocolErrorCode.InternalError);
}

function finished(raw: unknown): ToolResult {
  const { asks, ...result } = readToolResult(raw);
  return asks === undefined ? result : failedWith('NOT_DONE: the task has ended with a question.');
}

function failedWith(content: string): ToolResult {
  return { content, isError: true };
}

function reasonIn({ error, statusMessage }: Raw): string {
  const said =
    isRecord(error) && typeof error['message'] === 'string' ? error['message'] : statusMessage;
  const text = typeof said === 'string' ? said.trim() : '';
  return text === '' ? 'it does not say why' : text.slice(0, MAX_REASON_CHARS).toWellFormed();
}
