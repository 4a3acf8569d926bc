import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { rejectionSchema, retryableCodes } from '@skynet/contracts';

export type Answer = Readonly<Record<string, unknown>>;

/** The product said no, and would say so again. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** An answer that should never be given: it is neither a result nor one of the refusals of the table. */
export type OddAnswer = (tool: string, what: string) => void;

const CALL_LIMIT_MS = 10_000;
const PAUSE_MS = 200;

/** A real MCP client that goes to the other edge when one does not answer, and says the same again. */
export class EdgeClient {
  #edge: number;
  #client: Promise<Client> | undefined;

  constructor(
    private readonly edges: readonly string[],
    private readonly token: () => Promise<string>,
    private readonly odd: OddAnswer,
    firstEdge = 0,
  ) {
    this.#edge = firstEdge;
  }

  /**
   * Calls a tool until there is an answer.
   *
   * @throws Refusal when the answer is no
   * @throws the reason of the signal once that is aborted
   */
  async call(tool: string, args: object, signal: AbortSignal): Promise<Answer> {
    for (;;) {
      signal.throwIfAborted();
      try {
        return await this.callOnce(tool, args, signal);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        this.turn();
      }
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }

  /**
   * Calls a tool once, without looking for another edge.
   *
   * @throws Error for what is no answer, and for refusals
   */
  async callOnce(tool: string, args: object, signal: AbortSignal): Promise<Answer> {
    const client = await (this.#client ??= this.#connect());
    const limited = AbortSignal.any([signal, AbortSignal.timeout(CALL_LIMIT_MS)]);
    const request = { name: tool, arguments: { ...args } };
    const result = await client.callTool(request, { signal: limited, timeout: CALL_LIMIT_MS });
    if (result.isError !== true) return result.structuredContent as Answer;
    const [content] = result.content;
    throw this.#failureOf(tool, content?.type === 'text' ? content.text : '');
  }

  /** The next call goes to another edge. */
  turn(): void {
    void this.close();
    this.#edge += 1;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.then((open) => open.close()).catch(() => undefined);
  }

  #failureOf(tool: string, text: string): Error {
    const rejection = rejectionSchema.safeParse(parsed(text));
    const code = rejection.data?.code;
    if (code === undefined || code === 'INTERNAL') {
      this.odd(tool, text);
      return new Error(text);
    }
    return retryableCodes.has(code) ? new Error(code) : new Refusal(text);
  }

  async #connect(): Promise<Client> {
    const edge = this.edges[this.#edge % this.edges.length] ?? '';
    const client = new Client(
      { name: 'chaos', version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    );
    const headers = { authorization: `Bearer ${await this.token()}` };
    const limit = AbortSignal.timeout(CALL_LIMIT_MS);
    const transport = new StreamableHTTPClientTransport(new URL(edge), {
      requestInit: { headers },
    });
    await client.connect(transport, { signal: limit, timeout: CALL_LIMIT_MS });
    return client;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
