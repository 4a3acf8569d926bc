import type { Secret } from '@skynet/platform';
import { Secrets, type MissingSecret } from './secrets.js';

const REFERENCE = /^secret:\/\/(.*)$/;

/** A key as the operator wrote it: itself, or `secret://name`, which is looked up anew each time. */
export class WrittenKey {
  constructor(
    private readonly written: Secret,
    private readonly secretsPath?: string,
  ) {}

  current(): string | MissingSecret {
    const text = this.written.reveal();
    const [, name] = REFERENCE.exec(text) ?? [];
    return name === undefined ? text : new Secrets(this.secretsPath).find(name);
  }
}
