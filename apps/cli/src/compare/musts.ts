import type { FigureId, Figures } from './figures.js';
import type { SystemName } from '../peers/benched-system.js';

/** A goal of the design, and whether this run meets it. */
export interface Verdict {
  readonly what: string;
  /** Absent: one of its numbers was not measured. */
  readonly value?: number;
  readonly isMet?: boolean;
}

interface Must {
  readonly what: string;
  readonly value: (ours: Figures, of: (name: SystemName) => Figures) => number;
  readonly least?: number;
  readonly most?: number;
  readonly below?: number;
}

const musts: readonly Must[] = [
  { what: "≥ 2× Restate's agents/s", value: beside('restate', 'agentsPerSecond'), least: 2 },
  {
    what: "≤ 0.45× Restate's CPU per agent",
    value: beside('restate', 'cpuSecondsPer1000Agents'),
    most: 0.45,
  },
  { what: "tree alone ≤ 0.5× Restate's p50", value: beside('restate', 'aloneP50Ms'), most: 0.5 },
  { what: '≤ 3.8 appends per agent', value: (ours) => numberOf(ours.appendsPerAgent), most: 3.8 },
  {
    what: 'spawn accepted p99 < 50 ms at 200 spawns/s',
    value: (ours) => numberOf(ours.acceptP99Ms),
    below: 50,
  },
  {
    what: '≥ 1,500 status reads/s',
    value: (ours) => numberOf(ours.statusReadsPerSecond),
    least: 1_500,
  },
  {
    what: "another tenant's tree behind a backlog ≤ 3× its idle time",
    value: (ours) => numberOf(ours.canaryRatio),
    most: 3,
  },
  {
    what: "another tenant's ten agents behind 10,000 queued ones, p95 < 2× idle",
    value: (ours) => numberOf(ours.queuedOtherRatio),
    below: 2,
  },
  {
    what: 'load of an agent at 1,000,000 messages ≤ 1.5× that at 10,000',
    value: (ours) => numberOf(ours.loadLargeMs) / numberOf(ours.loadSmallMs),
    most: 1.5,
  },
];

const aims: readonly Must[] = [
  { what: "≥ 1× BullMQ's agents/s", value: beside('bullmq', 'agentsPerSecond'), least: 1 },
  { what: "tree alone ≤ 1× BullMQ's p50", value: beside('bullmq', 'aloneP50Ms'), most: 1 },
];

type Medians = Readonly<Partial<Record<SystemName, Figures>>>;

/** What must hold. */
export function judgeMusts(medians: Medians): Verdict[] {
  return musts.map((must) => judge(must, medians));
}

/** What is aimed at beyond it. */
export function judgeAims(medians: Medians): Verdict[] {
  return aims.map((aim) => judge(aim, medians));
}

function judge({ what, value, least, most, below }: Must, medians: Medians): Verdict {
  const number = value(medians.ours ?? {}, (name) => medians[name] ?? {});
  if (!Number.isFinite(number)) return { what };
  const isMet =
    number >= (least ?? -Infinity) && number <= (most ?? Infinity) && number < (below ?? Infinity);
  return { what, value: number, isMet };
}

function beside(name: SystemName, id: FigureId): Must['value'] {
  return (ours, of) => numberOf(ours[id]) / numberOf(of(name)[id]);
}

function numberOf(value: number | undefined): number {
  return value ?? NaN;
}
