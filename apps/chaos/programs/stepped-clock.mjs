// Loaded before a program (--import): its wall clock steps by the milliseconds in the file that bears its process id, in the
// folder that the query names, and back when the file is gone. Timers and performance.now() go on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setInterval } from 'node:timers';

const LOOK_MS = 20;
const file = join(new URL(import.meta.url).searchParams.get('folder'), String(process.pid));
const Real = Date;
let byMs = 0;

function look() {
  try {
    byMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    byMs = 0;
  }
}

const now = () => Real.now() + byMs;
globalThis.Date = new Proxy(Real, {
  apply: () => new Real(now()).toString(),
  construct: (target, args, asked) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, asked === Date ? target : asked),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
setInterval(look, LOOK_MS).unref();
