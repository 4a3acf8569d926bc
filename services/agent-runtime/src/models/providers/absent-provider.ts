import type { ModelProvider } from '../model.port.js';

/** Stands for a provider that the configuration leaves out, so that a caller is told what is missing. */
export class AbsentProvider implements ModelProvider {
  readonly overheadBytes = 0;

  constructor(
    readonly prefix: string,
    /** What is missing, as part of a sentence. */
    readonly absence: string,
  ) {}

  find(): undefined {
    return undefined;
  }
}
