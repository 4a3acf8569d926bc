import type { FigureId } from './figures.js';
import type { PeersReport } from './peers-report.js';

/** The figures that are drawn: one group of bars each, as long as their share of the longest. */
const groups: readonly {
  readonly id: FigureId;
  readonly title: string;
  readonly digits: number;
}[] = [
  { id: 'agentsPerSecond', title: 'agents/s (more is better)', digits: 0 },
  { id: 'aloneP50Ms', title: 'tree alone, p50 ms (less is better)', digits: 1 },
  { id: 'cpuSecondsPer1000Agents', title: 'CPU s per 1,000 agents (less is better)', digits: 2 },
];

const COLORS = ['#2563eb', '#d97706', '#059669', '#7c3aed'];
const WIDTH = 640;
const BAR_LEFT = 90;
const LONGEST_BAR = 460;
const BAR = 18;
const STEP = 24;
const TITLE = 26;
const GAP = 12;

/** The medians as horizontal bars, in an SVG of its own. */
export function barChart({ systems, startedAt }: PeersReport): string {
  const parts: string[] = [];
  let top = GAP;
  for (const { id, title, digits } of groups) {
    const bars = systems.flatMap(({ name, medians }, index) => {
      const value = medians[id];
      return value === undefined ? [] : [{ name, value, color: COLORS[index % COLORS.length] }];
    });
    if (bars.length === 0) continue;
    const longest = Math.max(...bars.map(({ value }) => value));
    parts.push(text(GAP, top + BAR, title, 'font-weight="bold"'));
    top += TITLE;
    for (const { name, value, color } of bars) {
      const width = longest === 0 ? 0 : (value / longest) * LONGEST_BAR;
      parts.push(
        text(GAP, top + BAR - 4, name),
        `<rect x="${BAR_LEFT}" y="${top}" width="${width.toFixed(1)}" height="${BAR}" fill="${color}"/>`,
        text(BAR_LEFT + width + 6, top + BAR - 4, value.toFixed(digits)),
      );
      top += STEP;
    }
    top += GAP;
  }
  parts.push(text(GAP, top + BAR, `npm run bench, ${startedAt}`, 'fill="#6b7280"'));
  const height = top + TITLE;
  const style = 'font-family="sans-serif" font-size="13"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" ${style}>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function text(x: number, y: number, words: string, more = ''): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}" ${more}>${escaped}</text>`;
}
