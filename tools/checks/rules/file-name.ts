import { basename, dirname, relative } from 'node:path';
import type { Rule } from 'eslint';
import type { emptyNames as EmptyNames, roles as Roles } from '../house.js';

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** A file is named for what it is about, in kebab-case, and its suffix, if any, for what it may do. */
export function fileNameRule(roles: typeof Roles, emptyNames: typeof EmptyNames): Rule.RuleModule {
  const refusals: readonly (readonly [message: string, applies: (path: string) => boolean])[] = [
    ['Name the file in kebab-case.', (path) => !KEBAB.test(stemOf(path))],
    [
      `The suffix of a file is its role, one of ${roles.join(', ')}; write other names with a hyphen.`,
      (path) => !['', ...roles].includes(roleOf(path)),
    ],
    [
      'This name says nothing; name the file and its folder for the one thing that is inside.',
      (path) =>
        [stemOf(path), ...dirname(path).split('/')].some((word) =>
          (emptyNames as readonly string[]).includes(word),
        ),
    ],
  ];
  return {
    meta: { type: 'problem', schema: [] },
    create(context) {
      const path = relative(context.cwd, context.filename);
      return {
        Program(node) {
          for (const [message, applies] of refusals) {
            if (applies(path)) context.report({ node, message });
          }
        },
      };
    },
  };
}

function stemOf(path: string): string {
  return basename(path).split('.')[0] ?? '';
}

function roleOf(path: string): string {
  return basename(path).split('.').slice(1, -1).join('.');
}
