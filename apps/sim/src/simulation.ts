import { findingsOf } from './oracle/findings.js';
import type { Plan } from './plan/plan.js';
import { endOf, type Step } from './plan/step.js';
import { CLEAR, type Weather } from './ports/weather.js';
import { Random } from './time/random.js';
import { StandstillError } from './time/virtual-time.js';
import { useIn } from './time/seeded-globals.js';
import { Client } from './world/client.js';
import { Deployment } from './world/deployment.js';
import type { LoggedAgent } from './world/logged-agents.js';
import { Requester } from './world/requester.js';
import { isAtRest } from './world/rest.js';
import { Surroundings } from './world/surroundings.js';

/** What a simulation showed. */
export interface Outcome {
  readonly findings: readonly string[];
  readonly agents: number;
  readonly commits: number;
  readonly digest: string;
  readonly notes: readonly string[];
}

const START_MS = 100;
const PERSON_EVERY_MS = 700;
const LOOK_EVERY_MS = 250;
/** After the last fault everything has this long to end. */
const PATIENCE_MS = 300_000;
/** And views and parents so much longer to be told. */
const SETTLE_MS = 4_000;

/** Runs a plan to its end and judges. */
export async function simulate(plan: Plan): Promise<Outcome> {
  return new Simulation(plan).run();
}

class Simulation {
  private readonly world: Surroundings;
  private readonly deployment: Deployment;
  private readonly client: Client;
  private readonly requester: Requester;
  private readonly weathers = new Set<Partial<Weather>>();
  private isQuiet = false;

  constructor(private readonly plan: Plan) {
    const random = new Random(plan.seed, 'world');
    this.world = new Surroundings(random, plan.sizes);
    useIn(this.world.time, random.fork('globals'));
    this.deployment = new Deployment(this.world);
    this.client = new Client(this.world);
    this.requester = new Requester(this.world);
  }

  async run(): Promise<Outcome> {
    const { log, notes } = this.world;
    const findings = await this.findings().catch((error: unknown) => {
      if (error instanceof StandstillError) return [error.message];
      throw error;
    });
    const { agents, entries } = log;
    return {
      findings,
      agents: agents.size,
      commits: entries.length,
      digest: log.digest,
      notes,
    };
  }

  private async findings(): Promise<string[]> {
    const { time } = this.world;
    this.deployment.start();
    for (const step of this.plan.steps) time.after(START_MS + step.atMs, () => this.take(step));
    this.beAPerson();
    const quietMs = Math.max(0, ...this.plan.steps.map(endOf)) + START_MS + 1_000;
    await time.run(quietMs);
    this.isQuiet = true;
    this.endDemands();
    await this.runUntilRest(quietMs + PATIENCE_MS);
    await time.run(time.elapsedMs + SETTLE_MS);
    return findingsOf({
      plan: this.plan,
      world: this.world,
      sent: this.client.sent,
      schedules: [...this.requester.schedules.values()],
      processes: this.deployment.all,
      quietMs,
    });
  }

  private async runUntilRest(limitMs: number): Promise<void> {
    const { log, time } = this.world;
    while (time.elapsedMs < limitMs) {
      const isWaiting = this.client.isWaiting || this.requester.isWaiting;
      if (!isWaiting && isAtRest(log)) return;
      await time.run(time.elapsedMs + LOOK_EVERY_MS);
    }
  }

  /** No more ticks that come again, and no quotas that keep trees from starting. */
  private endDemands(): void {
    for (const step of this.plan.steps) {
      const isEndless = step.do === 'schedule' && step.afterSeconds === undefined;
      if (isEndless) this.requester.cancel(step.schedule, step.tenant);
    }
    this.requester.liftQuotas();
  }

  private take(step: Step): void {
    const { deployment } = this;
    switch (step.do) {
      case 'spawn':
        return this.client.spawn(step);
      case 'crash':
        return deployment.crash(step.process, step.forMs);
      case 'restart':
        return deployment.restart(step.process, step.forMs);
      case 'stop':
        return deployment.stop(step.process, step.forMs);
      case 'crashAfter':
        return deployment.ambush(step, () => deployment.crash(step.process, step.forMs));
      case 'stopAfter':
        return deployment.ambush(step, () => deployment.stop(step.process, step.forMs));
      case 'clock':
        return deployment.setClock(step.process, step.skewMs, step.forMs);
      case 'weather':
        return this.weather(step.weather, step.forMs);
      default:
        return 'target' in step ? this.actOn(step) : this.request(step);
    }
  }

  private request(step: Extract<Step, { do: 'schedule' | 'cancel' | 'quotas' }>): void {
    const { requester } = this;
    if (step.do === 'schedule') requester.schedule(step);
    else if (step.do === 'cancel') requester.cancel(step.schedule, step.tenant);
    else requester.setQuotas(step.tenant, step.changes);
  }

  private actOn(step: Extract<Step, { readonly target: number }>): void {
    const living = [...this.world.log.agents.values()].filter(
      ({ isEnded, path }) => !isEnded && path !== '',
    );
    const agent = living[Math.floor(step.target * living.length)];
    if (agent === undefined) return;
    if (step.do === 'spawnChild') this.client.spawnChild(agent);
    else if (step.do === 'message') this.client.tell(agent, step);
    else if (step.do === 'extend') this.client.extend(agent, step);
    else if (step.do === 'burst')
      for (const command of step.commands)
        this.client.act(COMMANDS[command], agent, { isTwice: step.isTwice });
    else this.client.act(COMMANDS[step.do], agent);
  }

  private weather(weather: Partial<Weather>, forMs: number): void {
    const change = () => {
      const { sky } = this.world;
      sky.weather = [...this.weathers].reduce<Weather>((all, one) => ({ ...all, ...one }), CLEAR);
    };
    this.weathers.add(weather);
    change();
    this.world.time.after(forMs, () => {
      this.weathers.delete(weather);
      change();
    });
  }

  /** Answers what is in doubt, and in the end lets everything go on. */
  private beAPerson(): void {
    this.world.time.after(PERSON_EVERY_MS, () => this.beAPerson());
    for (const agent of this.world.log.agents.values()) {
      if (!agent.isEnded) this.helpOn(agent);
    }
  }

  private helpOn(agent: LoggedAgent): void {
    const chance = this.world.random.fork(`person/${agent.agentId}/${agent.events.length}`);
    if (!this.isQuiet && !chance.chance(0.3)) return;
    for (const toolCallId of agent.doubts) this.client.answer(agent, toolCallId);
    if (this.isQuiet && agent.isPaused) this.client.act('ResumeAgent', agent);
  }
}

const COMMANDS = {
  terminate: 'TerminateAgent',
  pause: 'PauseAgent',
  resume: 'ResumeAgent',
} as const;
