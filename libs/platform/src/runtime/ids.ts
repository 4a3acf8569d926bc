import { hash, randomBytes } from 'node:crypto';
import { agentIdOf, type AgentId } from '@skynet/contracts';
import { systemClock, type Clock } from './clock.js';

const INDEX_DIGITS = 4;

/** A UUIDv7: sorts by the time of its making, to the millisecond. */
export function newAgentId(clock: Clock = systemClock): AgentId {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(clock.nowMs(), 0, 6);
  return agentIdOf(uuidText(bytes, 7));
}

/** A UUIDv8 of the SHA-256 of the parts: the same parts, and only those, give the same id in every process. */
export function derivedId(...parts: readonly (string | number)[]): string {
  // Each part is preceded by its length, so that ('ab', 'c') and ('a', 'bc') differ.
  const text = parts.map(String).reduce((all, part) => `${all}${part.length}:${part}`, '');
  return uuidText(hash('sha256', text, 'buffer'), 8);
}

/** UUIDv8s of the parts and a number below 65,536 each; their last four digits are the number, so that one hash is enough. */
export function derivedIds(...parts: readonly (string | number)[]): (index: number) => string {
  let common: string | undefined;
  return (index) => {
    common ??= derivedId(...parts).slice(0, -INDEX_DIGITS);
    return common + index.toString(16).padStart(INDEX_DIGITS, '0');
  };
}

function uuidText(bytes: Buffer, version: 7 | 8): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
}
