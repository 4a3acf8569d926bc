import { randomUUID } from 'node:crypto';

type Holder = Readonly<Record<string, unknown>>;

const DIGITS = /\d{16}/;
const WHOLE = /^-?\d+$/;
/** No text of an agent can hold it. The same for all messages: one may name the id of another. */
const MARK = `${randomUUID()}:`;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

/**
 * Ids and progress tokens beyond 2^53, such as nanoseconds since 1970. JavaScript would round them and clients want them
 * back as they came: within this process each is a text, in what is sent the number again.
 */
export class WideNumbers {
  private readonly sources = new Map<unknown, Map<string, string>>();

  /** Whether there may be any; the others cost nothing. */
  static mayBeIn(text: string): boolean {
    return DIGITS.test(text);
  }

  /** @throws SyntaxError */
  parse(text: string): unknown {
    const { sources } = this;
    const note = function (this: unknown, key: string, value: unknown, context?: Source): unknown {
      if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
      const source = context?.source ?? '';
      if (!WHOLE.test(source)) return value;
      const known = sources.get(this) ?? new Map<string, string>();
      sources.set(this, known.set(key, source));
      return value;
    };
    const parsed: unknown = JSON.parse(text, note);
    return Array.isArray(parsed) ? parsed.map((each) => this.marked(each)) : this.marked(parsed);
  }

  /** The numbers of a JSON text as they came. */
  static plain(text: string): string {
    return text.replaceAll(MARKED, '$1');
  }

  private marked(message: unknown): unknown {
    if (!isHolder(message)) return message;
    const { params } = message;
    const own = this.withMarks(message, 'id');
    if (!isHolder(params)) return own;
    const { _meta: meta } = params;
    const marked = {
      ...this.withMarks(params, 'requestId', 'progressToken'),
      ...(isHolder(meta) && { _meta: this.withMarks(meta, 'progressToken') }),
    };
    return { ...own, params: marked };
  }

  private withMarks(holder: Holder, ...names: readonly string[]): Holder {
    const sources = this.sources.get(holder);
    if (sources === undefined) return holder;
    const marks = names.flatMap((name) => {
      const source = sources.get(name);
      return source === undefined ? [] : [[name, MARK + source] as const];
    });
    return { ...holder, ...Object.fromEntries(marks) };
  }
}

/** What JSON.parse tells of a value besides; see the proposal "JSON.parse source text access". */
interface Source {
  readonly source?: string;
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
