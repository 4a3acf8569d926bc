import { hash } from 'node:crypto';

/** Lower-case hex SHA-256 of bytes, or of a text as UTF-8. */
export function sha256Hex(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}

/** JSON with the keys of every object sorted by code unit; drops what JSON.stringify drops. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, sortKeys) ?? 'null';
}

/** SHA-256 of the canonical JSON: equal for values that differ in key order only. */
export function hashOf(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}
