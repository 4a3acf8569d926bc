import { oneLine } from './plain-text.js';

/** One column: its title and, for a column that must not grow, its width. */
export interface Column {
  readonly title: string;
  readonly maxWidth?: number;
}

const GAP = '  ';

/** Rows below their titles, each column as wide as its widest cell. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  // What is said of a row stays in its row.
  const lines = rows.map((row) => row.map((cell) => oneLine(cell)));
  const widths = columns.map(({ title, maxWidth = Infinity }, index) =>
    Math.min(maxWidth, Math.max(title.length, ...lines.map((row) => row[index]?.length ?? 0))),
  );
  const titles = columns.map(({ title }) => title);
  return [titles, ...lines].map((cells) => renderRow(cells, widths));
}

function renderRow(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, index) => fit(cell, widths[index] ?? cell.length))
    .join(GAP)
    .trimEnd();
}

function fit(cell: string, width: number): string {
  return cell.length <= width ? cell.padEnd(width) : `${cell.slice(0, width - 1)}…`;
}
