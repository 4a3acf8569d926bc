import type { Finding } from './finding.js';
import type { SourceFile } from './source-tree.js';

// Spelled in parts, so that this file is none.
const OPT_OUTS = new RegExp(
  [
    'eslint-(dis|en)able',
    '@ts-(ignore|nocheck)',
    'prettier-ignore',
    '(istanbul|c8|v8) ignore',
  ].join('|'),
);

/** No file excuses itself from a rule; the one list of exceptions is tools/checks/exceptions.ts. */
export function findOptOuts(sources: readonly Pick<SourceFile, 'file' | 'text'>[]): Finding[] {
  return sources.flatMap(({ file, text }) => {
    const [found] = OPT_OUTS.exec(text) ?? [];
    return found === undefined
      ? []
      : [{ file, check: 'opt-outs', message: `says ${found}; see tools/checks/exceptions.ts` }];
  });
}
