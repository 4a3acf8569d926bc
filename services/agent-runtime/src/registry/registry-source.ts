import { readFileSync, statSync } from 'node:fs';
import { sha256Hex, type Clock, type Logger } from '@skynet/platform';
import type { Registry } from './registry.config.js';
import { isUnreadable, loadRegistry, type RegistryMeans } from './registry-file.js';
import { reportDefault, reportFindings } from './report-findings.js';
import { contentOfFolder } from './templates/folder-files.js';

/** Where the registry is had, as it is now. One value never changes: who needs it twice keeps it. */
export interface CurrentRegistry {
  readonly current: Registry;
}

export interface RegistrySource extends CurrentRegistry {
  /** Calls with each registry that takes the place of another. */
  onChange(listener: (registry: Registry) => void): void;
  /** Looks for changes from now on. */
  start(): void;
  stop(): void;
}

export interface RegistryFileOptions extends RegistryMeans {
  /** Absent: the built-in models, for ever; templates may change. */
  readonly path?: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

const LOOK_EVERY_MS = 1_000;
/** What is larger is not read. */
const MAX_BYTES = 4 * 1_024 * 1_024;

/** The registry of a file, which is read again when it, or a file that it names, was changed. */
export class RegistryFile implements RegistrySource {
  private registry: Registry;
  private readonly listeners: ((registry: Registry) => void)[] = [];
  private cancel: (() => void) | undefined;
  /** Of the files as they were taken up, and as they were at the last look. */
  private taken: string;
  private seen: string;

  constructor(private readonly options: RegistryFileOptions) {
    const { path, log } = options;
    this.registry = loadRegistry(path, options);
    this.taken = this.seen = fingerprintOf(this.registry.files);
    reportFindings(this.registry, log);
    reportDefault(this.registry, log);
  }

  get current(): Registry {
    return this.registry;
  }

  onChange(listener: (registry: Registry) => void): void {
    this.listeners.push(listener);
  }

  start(): void {
    if (this.registry.files.length === 0) return;
    this.cancel = this.options.clock.timer(LOOK_EVERY_MS, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.cancel?.();
  }

  /** Files that change at two looks in a row are still being written. */
  private look(): void {
    const now = fingerprintOf(this.registry.files);
    const isSettled = now === this.seen;
    this.seen = now;
    if (!isSettled || now === this.taken) return;
    this.taken = now;
    this.takeUp();
  }

  private takeUp(): void {
    const { path, log } = this.options;
    const read = loadRegistry(path, this.options);
    reportFindings(read, log);
    if (isUnreadable(read)) {
      log.error('the registry was changed and can not be read: the one before stays', {});
      this.registry = { ...this.registry, findings: read.findings };
      return;
    }
    this.registry = read;
    this.taken = this.seen = fingerprintOf(read.files);
    log.info('the registry was changed and is taken up', { registry: read.hash });
    reportDefault(read, log);
    for (const listener of this.listeners) listener(read);
  }
}

function fingerprintOf(files: readonly string[]): string {
  return files.map(contentOf).join();
}

function contentOf(file: string): string {
  try {
    const found = statSync(file);
    if (found.isDirectory()) return contentOfFolder(file);
    if (!found.isFile()) return 'no file';
    return found.size > MAX_BYTES ? String(found.size) : sha256Hex(readFileSync(file, 'latin1'));
  } catch {
    return 'gone';
  }
}
