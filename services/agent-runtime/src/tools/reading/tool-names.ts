const MAX_CHARS = 128;

/** Controls, separators, invisible and bidirectional marks, halves of characters, private use. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const LATIN = /\p{Script=Latin}/u;
/** Scripts with letters that look like Latin ones. */
const LOOK_ALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

/** Why a tool's name is not to be shown to a model or a person; undefined when nothing is wrong with it. */
export function faultOfName(name: string): string | undefined {
  if (name === '') return 'its name is empty';
  if (name.length > MAX_CHARS) return `its name is longer than ${MAX_CHARS} characters`;
  if (UNSEEN.test(name)) return 'its name has control or invisible characters';
  if (name !== name.normalize('NFKC')) return 'its name has characters that look like others';
  if (LATIN.test(name) && LOOK_ALIKE.test(name)) return 'its name mixes letters that look alike';
  return undefined;
}

/** A refused name as it can be printed: what is not plain ASCII is written as its code. */
export function printable(name: string): string {
  if (name === '') return '(no name)';
  const shown = name.length > MAX_CHARS ? `${name.slice(0, MAX_CHARS)}...` : name;
  return shown.replace(/[^\x20-\x7e]/gu, (char) => {
    return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
