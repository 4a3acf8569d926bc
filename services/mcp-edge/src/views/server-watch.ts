import { WorldError, type Clock, type MessageBus } from '@skynet/platform';

/** Most questions are answered sooner, and nobody looks after the server for them. */
const LOOK_EVERY_MS = 200;
const SILENT_MS = 1_200;
/** A process that was held up itself has not read yet what the server said in time. */
const SECOND_LOOK_MS = 200;

/** Whether the message server answers, while somebody waits for a service behind it: that one may be busy for long. */
export class ServerWatch {
  /** Rejects when it has not answered for 1.4 s: it is away or hangs. Never resolves. */
  readonly untilSilent: Promise<never>;
  isOver = false;
  private cancel = (): void => undefined;

  constructor(
    private readonly bus: Pick<MessageBus, 'whenAnswering'>,
    private readonly clock: Clock,
  ) {
    this.untilSilent = new Promise((_resolve, reject) => this.lookLater(reject));
    this.untilSilent.catch(() => undefined);
  }

  stop(): void {
    this.isOver = true;
    this.cancel();
  }

  private lookLater(tell: (error: unknown) => void): void {
    if (this.isOver) return;
    this.cancel = this.clock.timer(LOOK_EVERY_MS, () => {
      this.look().then(
        () => this.lookLater(tell),
        (cause: unknown) =>
          tell(new WorldError('the message server does not answer', 'later', { cause })),
      );
    });
  }

  private look(): Promise<void> {
    return this.bus.whenAnswering(SILENT_MS).catch(() => this.bus.whenAnswering(SECOND_LOOK_MS));
  }
}
