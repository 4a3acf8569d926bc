/** One variable of a service in docker-compose.yml. */
export interface Setting {
  /** Without the `_FILE` of a value that stands in a file. */
  readonly name: string;
  /** As the file has it, `${NAME:-default}` replaced by the default. */
  readonly value: string;
  /** Whether it stands in a comment, to show the default. */
  readonly isComment: boolean;
  readonly isFile: boolean;
}

const SETTING = /^ +(# )?([A-Z][A-Z0-9_]+): (.+)$/;

/** Names of what a service gets itself, and whether it gets what all services get. */
export function ownSettingsOf(
  service: string,
  composeFile: string,
): { readonly names: string[]; readonly hasShared: boolean } {
  const own = block(composeFile, new RegExp(`^ {2}${service}:$`));
  return {
    names: own.flatMap((line) => SETTING.exec(line)?.[2] ?? []),
    hasShared: own.some((line) => line.includes('*settings')),
  };
}

/** The settings of one service: those of all services, and its own. `known`: names that may end in `_FILE` themselves. */
export function settingsOf(
  service: string,
  composeFile: string,
  known: readonly string[] = [],
): Setting[] {
  const shared = block(composeFile, /^x-settings: /);
  const own = block(composeFile, new RegExp(`^ {2}${service}:$`));
  return [...shared, ...own].flatMap((line) => {
    const [, comment, name = '', value = ''] = SETTING.exec(line) ?? [];
    if (name === '') return [];
    return {
      name: known.includes(name) ? name : name.replace(/_FILE$/, ''),
      value: plain(value),
      isComment: comment !== undefined,
      isFile: !known.includes(name) && name.endsWith('_FILE'),
    };
  });
}

/** The lines below a head, up to the next line that is indented no deeper. */
function block(text: string, head: RegExp): string[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => head.test(line));
  if (start < 0) throw new Error(`docker-compose.yml has no ${head}`);
  const depth = indentOf(lines[start] ?? '');
  const length = lines.slice(start + 1).findIndex((line) => line !== '' && indentOf(line) <= depth);
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function plain(value: string): string {
  const text = /^'(.*)'$/.exec(value)?.[1] ?? value;
  return text.replace(/^\$\{\w+:-(.*)\}$/, '$1');
}
