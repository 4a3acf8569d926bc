/** What is measured of a system: the rows of the table, in its order. */
export const figures = [
  { id: 'aloneP50Ms', title: 'tree alone, p50', unit: 'ms', digits: 1 },
  { id: 'aloneP95Ms', title: 'tree alone, p95', unit: 'ms', digits: 1 },
  { id: 'agentsPerSecond', title: 'agents/s, trees in flight', unit: '', digits: 0 },
  { id: 'loadedP50Ms', title: 'tree in flight, p50', unit: 'ms', digits: 0 },
  { id: 'cpuSecondsPer1000Agents', title: 'CPU s per 1,000 agents', unit: 's', digits: 2 },
  { id: 'peakMemoryMib', title: 'peak memory, trees in flight', unit: 'MiB', digits: 0 },
  { id: 'appendsPerAgent', title: 'appends per agent', unit: '', digits: 2 },
  { id: 'acceptP50Ms', title: 'spawn accepted at 200/s, p50', unit: 'ms', digits: 1 },
  { id: 'acceptP99Ms', title: 'spawn accepted at 200/s, p99', unit: 'ms', digits: 1 },
  { id: 'queuedSeconds', title: 'queue of single agents, all right', unit: 's', digits: 1 },
  {
    id: 'queuedOtherRatio',
    title: "another tenant's ten agents behind such a queue, p95",
    unit: '×',
    digits: 1,
  },
  { id: 'canaryIdleMs', title: "another tenant's tree, idle", unit: 'ms', digits: 1 },
  { id: 'canaryRatio', title: 'the same behind a backlog', unit: '×', digits: 1 },
  { id: 'projectionLagP99Ms', title: 'projection lag under load, p99', unit: 'ms', digits: 0 },
  { id: 'statusReadsPerSecond', title: 'status reads/s', unit: '', digits: 0 },
  { id: 'loadSmallMs', title: 'load of an agent, log of 10,000', unit: 'ms', digits: 2 },
  { id: 'loadLargeMs', title: 'load of an agent, log of 1,000,000', unit: 'ms', digits: 2 },
  { id: 'startEmptySeconds', title: 'start with an empty log', unit: 's', digits: 1 },
  { id: 'startFullSeconds', title: 'start with 20,000 agents', unit: 's', digits: 1 },
] as const;

export type FigureId = (typeof figures)[number]['id'];

/** What one round, or the median of several, says of a system. Absent: not measured. */
export type Figures = Readonly<Partial<Record<FigureId, number>>>;

/** The median of each figure, over the rounds that have it. */
export function mediansOf(rounds: readonly Figures[]): Figures {
  const medians = figures.flatMap(({ id }) => {
    const values = rounds.flatMap((round) => round[id] ?? []);
    return values.length === 0 ? [] : [[id, median(values)] as const];
  });
  return Object.fromEntries(medians);
}

/** The middle value, or the mean of the middle two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? NaN) + upper) / 2 : upper;
}
