import { WorldError } from '../runtime/world-error.js';
import type { Damage } from './event-store.port.js';

/** A stream holds what is no commit of ours: from there on it can be neither read nor written. Others are not hit. */
export class DamagedStreamError extends WorldError {
  override readonly name = 'DamagedStreamError';

  constructor(readonly damage: Damage) {
    super(`${damage.stream} is damaged at ${damage.position}: ${damage.reason}`, 'never');
  }

  get stream(): string {
    return this.damage.stream;
  }

  get position(): Damage['position'] {
    return this.damage.position;
  }

  get reason(): string {
    return this.damage.reason;
  }
}
