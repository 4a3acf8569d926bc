// What a terminal acts on, and what turns the direction of what is read: strangers must not draw on the screen of their
// reader, or show him something else than they say.
const LAYOUT = '\\t\\n';
const BREAKS = '\\u2028\\u2029';
const CONTROLS = '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f';
const DIRECTIONS = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufff9-\\ufffb';

const ON_ONE_LINE = new RegExp(`[${LAYOUT}${BREAKS}${CONTROLS}]+`, 'g');
const TURNING = new RegExp(`[${DIRECTIONS}]+`, 'g');
const BUT_LAYOUT = new RegExp(`[${BREAKS}${CONTROLS}${DIRECTIONS}]+`, 'g');
// JSON escapes what is below U+0020 itself.
const RAW_IN_JSON = new RegExp(`[\\u007f-\\u009f${BREAKS}${DIRECTIONS}]`, 'g');
const HEX = 16;

/** The text on one line, of at most `width` characters. */
export function oneLine(text: string, width = Infinity): string {
  const line = withoutBreaks(text).trim();
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** The text on one line with the room before and after it. */
export function withoutBreaks(text: string): string {
  return text.replace(TURNING, '').replace(ON_ONE_LINE, ' ');
}

/** The text with its lines and tabs, without anything else that a terminal acts on. */
export function harmless(text: string): string {
  return text.replace(BUT_LAYOUT, '');
}

/** The same value for a program, and nothing that a terminal acts on. */
export function harmlessJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(
    RAW_IN_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(HEX).padStart(4, '0')}`,
  );
}
