import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSecretsText, type SecretsText } from './secrets-text.js';

/** Where containers find theirs. */
export const DEFAULT_SECRETS = '/run/secrets';
/** Who mounts files there lets only the container see them. */
const MOUNTED = /^(?:\/var)?\/run\/secrets(?:\/|$)/;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const MAX_FILE_BYTES = 1_024 * 1_024;
const MAX_VALUE_CHARS = 64 * 1_024;
const READABLE_BY_ALL = 0o004;

/** Why there is no value, in names only. */
export interface MissingSecret {
  readonly cause: string;
  readonly next: string;
}

/**
 * What `secret://name` stands for: of a file, JSON or `NAME=VALUE` lines, or of a folder with a file for each secret. Read
 * when it is first asked for; another look needs another one.
 */
export class Secrets {
  /** Files that were looked at, whether they are there or not. */
  readonly files = new Set<string>();
  /** Values that were handed out, by name. */
  readonly values = new Map<string, string>();
  /** Of files that were used, those that every user of the machine can read. */
  readonly exposed = new Set<string>();
  private text: SecretsText | undefined;

  constructor(private readonly path: string = DEFAULT_SECRETS) {}

  find(name: string): string | MissingSecret {
    if (!NAME.test(name)) {
      const next = 'Names have up to 128 letters, digits and . _ -';
      return { cause: 'there is a secret:// that names no secret', next };
    }
    const found = this.valueOf(name);
    if (typeof found !== 'string') return found;
    if (found === '') return { cause: `the secret ${name} is empty`, next: this.advice(name) };
    if (found.length > MAX_VALUE_CHARS || hasControls(found)) {
      const cause = `the secret ${name} is longer than ${MAX_VALUE_CHARS} characters or has control characters`;
      return { cause, next: 'Write it in one line.' };
    }
    this.values.set(name, found);
    return found;
  }

  private valueOf(name: string): string | MissingSecret {
    const isFile = statSync(this.path, { throwIfNoEntry: false })?.isFile() === true;
    const file = isFile ? this.path : join(this.path, name);
    this.files.add(file);
    try {
      const text = isFile ? this.textOf(file).values.get(name) : this.read(file).trim();
      if (text !== undefined) return text;
    } catch (error) {
      return {
        cause: `the secret ${name} can not be read: ${reasonOf(error)}`,
        next: this.advice(name),
      };
    }
    const { unreadable = [] } = this.text ?? {};
    const odd =
      unreadable.length === 0 ? '' : `; what can not be read there: ${unreadable.join(', ')}`;
    return { cause: `there is no secret ${name} in ${file}${odd}`, next: this.advice(name) };
  }

  private textOf(file: string): SecretsText {
    this.text ??= readSecretsText(this.read(file));
    return this.text;
  }

  private read(file: string): string {
    const { mode, size } = statSync(file);
    if (size > MAX_FILE_BYTES) throw new Error(`the file has more than ${MAX_FILE_BYTES} bytes`);
    if ((mode & READABLE_BY_ALL) !== 0 && !MOUNTED.test(file)) this.exposed.add(file);
    return readFileSync(file, 'utf8');
  }

  private advice(name: string): string {
    return `Write ${name}=… into the file that AGENT_RUNTIME_SECRETS names, or a file ${name} into its folder.`;
  }
}

function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** Without what the file holds, which a parser may quote. */
function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  return code ?? (error as Error).message;
}
