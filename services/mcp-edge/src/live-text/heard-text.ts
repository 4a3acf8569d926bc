import { agentTextSchema, subjects, TEXT_WANTED_MS, type AgentText } from '@skynet/contracts';
import type { Clock, MessageBus } from '@skynet/platform';

export interface HeardAgent {
  readonly tenant: string;
  readonly agentId: string;
}

export interface HeardTextDependencies {
  readonly bus: Pick<MessageBus, 'hint' | 'onHint'>;
  readonly clock: Clock;
}

/** One wish may get lost, and another one come in time. */
const WANT_EVERY_MS = TEXT_WANTED_MS / 3;

/** Hears the text that an agent writes, and with `tree` that of all of the tree it is the root of, from its making until it is closed. */
export class HeardText {
  private readonly stops: (() => void)[];
  private stopTimer: () => void = () => undefined;

  constructor(
    private readonly agent: HeardAgent & { readonly tree: boolean },
    private readonly deps: HeardTextDependencies,
    private readonly onText: (text: AgentText) => void,
  ) {
    const { tenant, agentId, tree } = agent;
    const { bus } = deps;
    const own = bus.onHint(subjects.textOfAgent(tenant, agentId), ({ data }) => this.hear(data));
    const ofTree = () =>
      bus.onHint(subjects.textOfTree(tenant, agentId), ({ data }) => this.hear(data, agentId));
    this.stops = tree ? [own, ofTree()] : [own];
    this.want();
  }

  close(): void {
    this.stopTimer();
    for (const stop of this.stops) stop();
  }

  /** `but`: the agent that is heard otherwise. */
  private hear(data: unknown, but?: string): void {
    const text = agentTextSchema.safeParse(data).data;
    if (text !== undefined && text.agentId !== but) this.onText(text);
  }

  private want(): void {
    const { bus, clock } = this.deps;
    bus.hint(subjects.textWanted, this.agent);
    this.stopTimer = clock.timer(WANT_EVERY_MS, () => this.want());
  }
}
