import { z } from 'zod';

/** A text that does not show itself when printed, joined into another text or turned into JSON. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself; call it where it is handed to a vendor and nowhere else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}

/** Schema of a secret in the environment. Has no default, on purpose. */
export function secretText() {
  return z
    .string()
    .min(1)
    .transform((text) => new Secret(text));
}
