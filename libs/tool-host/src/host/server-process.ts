import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerIdOf } from '../protocol/answer-id.js';
import { FRAME, frame, type End, type FrameKind } from '../protocol/frames.js';
import type { LaunchRequest } from '../protocol/launch-request.js';
import { LineSplitter } from '../protocol/line-splitter.js';
import type { LimitsWatch } from '../sandbox/limits.js';
import { allProcesses, descendantsOf } from '../sandbox/process-tree.js';
import type { LaunchPlan } from './launch-plan.js';

/** Who gets what a server writes. */
export interface Audience {
  /** False when it has enough for now; `whenReady` then tells when it has not. */
  send(frame: Buffer): boolean;
  whenReady(): Promise<unknown>;
}

/** Between the end of its input, SIGTERM and SIGKILL. */
const PATIENCE_MS = 1_000;
/** For what a server wrote last and what still holds its output. */
const LAST_WORDS_MS = 500;
const NICENESS = 5;
const ERROR_LINE_BYTES = 4_096;

/** A server that was started, with everything that it starts itself. */
export class ServerProcess {
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly exited: Promise<End>;
  private reason: string | undefined;
  private isEnding = false;

  constructor(
    private readonly plan: LaunchPlan,
    private readonly audience: Audience,
  ) {
    const { program, args, cwd, environment: env } = plan;
    this.child = spawn(program, args, { cwd, env, stdio: 'pipe', detached: true });
    this.exited = this.endOf();
    // A server that reads no more has ended or will.
    this.child.stdin.on('error', () => undefined);
    if (this.child.pid !== undefined) letOthersGoFirst(this.child.pid);
  }

  get input(): Writable {
    return this.child.stdin;
  }

  /** Passes on what it writes until it has ended, with all that it started. */
  async serve({ limits, maxAnswerBytes }: LaunchRequest, watch: LimitsWatch): Promise<End> {
    const { pid, stdout, stderr } = this.child;
    const release =
      this.plan.sandbox === 'bubblewrap' && pid !== undefined
        ? watch.watch(pid, { limits, onPassed: (reason) => this.kill(reason) })
        : () => undefined;
    this.pass(stdout, FRAME.output, maxAnswerBytes);
    this.pass(stderr, FRAME.error, ERROR_LINE_BYTES);
    // Streams that are closed already are told of in the same breath as the end.
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    const end = await this.exited;
    release();
    this.killGroup('SIGKILL');
    await Promise.race([closed, sleep(LAST_WORDS_MS)]);
    stdout.destroy();
    stderr.destroy();
    this.plan.folders?.release();
    return this.reason === undefined ? end : { ...end, reason: this.reason };
  }

  /** Asks it to end by the end of its input, then by SIGTERM, and ends it. Safe to repeat. */
  async end(): Promise<void> {
    if (this.isEnding) return;
    this.isEnding = true;
    this.child.stdin.end();
    if (await this.isOverAfter(PATIENCE_MS)) return;
    this.terminate();
    if (await this.isOverAfter(PATIENCE_MS)) return;
    this.kill();
  }

  /** A sandbox takes all with it that is inside; without one, what has left the group is still below its parent. */
  kill(reason?: string): void {
    this.reason ??= reason;
    const below = this.descendants();
    this.killGroup('SIGKILL');
    if (this.plan.sandbox !== 'bubblewrap') for (const pid of below) signal(pid, 'SIGKILL');
  }

  private pass(stream: Readable, kind: FrameKind, maxBytes: number): void {
    const say = (line: Buffer) => {
      if (this.audience.send(frame(kind, line)) || stream.isPaused()) return;
      stream.pause();
      void this.audience.whenReady().then(() => stream.resume());
    };
    const splitter = new LineSplitter(maxBytes, {
      onLine: say,
      onLongLine: (line) => {
        if (kind === FRAME.error) return say(line.head);
        this.audience.send(frame(FRAME.tooLarge, { bytes: line.bytes, id: answerIdOf(line) }));
      },
    });
    stream.on('data', (chunk: Buffer) => splitter.push(chunk));
    stream.on('end', () => splitter.end());
    stream.on('error', () => undefined);
  }

  private endOf(): Promise<End> {
    return new Promise((resolve) => {
      this.child.once('error', ({ message }) => resolve({ reason: message }));
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  private isOverAfter(ms: number): Promise<boolean> {
    return Promise.race([this.exited.then(() => true), sleep(ms, false, { ref: false })]);
  }

  /** The sandbox itself knows no SIGTERM but to end at once, so those inside of it get theirs. */
  private terminate(): void {
    if (this.plan.sandbox !== 'bubblewrap') return this.killGroup('SIGTERM');
    for (const pid of this.descendants()) signal(pid, 'SIGTERM');
  }

  private descendants(): number[] {
    const { pid } = this.child;
    return pid === undefined ? [] : descendantsOf(pid, allProcesses());
  }

  private killGroup(name: NodeJS.Signals): void {
    if (this.child.pid !== undefined) signal(-this.child.pid, name);
  }
}

function letOthersGoFirst(pid: number): void {
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It has ended.
    return;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
    return;
  }
}
