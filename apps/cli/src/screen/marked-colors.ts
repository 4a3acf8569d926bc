import { randomInt } from 'node:crypto';
import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** Colors of ours, which no text from elsewhere can have: their codes hold a number that only this process knows. */
export interface MarkedColors {
  readonly colors: Colors;
  /** The text with these colors as a terminal knows them; `clean` gets everything between. */
  readonly show: (text: string, clean: (text: string) => string) => string;
}

const FOUR_DIGITS = [1_000, 10_000] as const;
const CODE = /\u001b\[(\d+)m/g;

export function markedColors(isColored: boolean): MarkedColors {
  const plain = pc.createColors(isColored);
  const mark = `${randomInt(...FOUR_DIGITS)};${randomInt(...FOUR_DIGITS)};`;
  const marks = new RegExp(`\\u001b\\[${mark}(\\d+)m`);
  const marked = Object.entries<Color | boolean>({ ...plain }).map(
    ([name, color]) => [name, typeof color === 'function' ? markedBy(color, mark) : color] as const,
  );
  return {
    colors: isColored ? { ...plain, ...Object.fromEntries(marked) } : plain,
    show: (text, clean) =>
      text
        .split(marks)
        .map((part, index) => (index % 2 === 0 ? clean(part) : `\u001b[${part}m`))
        .join(''),
  };
}

type Color = Colors['red'];

function markedBy(color: Color, mark: string): Color {
  const [open = '', close = ''] = color('|')
    .replace(CODE, (_, code: string) => `\u001b[${mark}${code}m`)
    .split('|');
  // What closes a color inside closes this one as well.
  return (text) => open + String(text).replaceAll(close, close + open) + close;
}
