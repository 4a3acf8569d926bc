// Everything that can move the cursor or change the screen: agents must not draw on the terminal of their reader.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]+/g;
const CONTROLS_BUT_LAYOUT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]+/g;

/** The text on one line of at most `width` characters. */
export function oneLine(text: string, width: number): string {
  const line = text.replace(CONTROLS, ' ').trim();
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** The text with its lines and tabs, without anything else that a terminal acts on. */
export function harmless(text: string): string {
  return text.replace(CONTROLS_BUT_LAYOUT, '');
}
