const KEY = /^[A-Za-z0-9_=/-]+(\.[A-Za-z0-9_=/-]+)*$/;
const PREFIX = /^([A-Za-z0-9_=/-]+(\.[A-Za-z0-9_=/-]*)*)?$/;
const BUCKET = /^[A-Za-z0-9_-]+$/;
const KEY_MAX_CHARS = 200;

/** @throws Error when the key breaks the rule of `StateStore`, before anything is sent */
export function assertKey(key: string): void {
  if (key.length <= KEY_MAX_CHARS && KEY.test(key)) return;
  throw new Error(
    `${JSON.stringify(key)} is no key: letters, digits, "_=/-" and single dots inside, ${KEY_MAX_CHARS} at most`,
  );
}

/** @throws Error when no key can start with this */
export function assertPrefix(prefix: string): void {
  if (PREFIX.test(prefix) && !prefix.includes('..')) return;
  throw new Error(`${JSON.stringify(prefix)} is no start of a key`);
}

/** @throws Error when the name can't be that of a bucket */
export function assertBucket(bucket: string): void {
  if (BUCKET.test(bucket)) return;
  throw new Error(`${JSON.stringify(bucket)} is no bucket name: letters, digits, "_" and "-" only`);
}
