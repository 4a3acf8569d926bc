import { posix } from 'node:path';

/** A page of the documentation. */
export interface Page {
  /** From the root, with forward slashes. */
  readonly file: string;
  readonly text: string;
}

const FENCED = /^(```|~~~)[^]*?^\1/gm;
const LINK = /\]\((?![a-z]+:|#)([^)#\s]+)[^)]*\)/g;
const PATH = /`((?:libs|services|apps|tools|docs|infra|\.ci)\/[^`\s<>*{}]*)`/g;

/** Relative links that lead nowhere. */
export function findBrokenLinks({ file, text }: Page, exists: (path: string) => boolean): string[] {
  return [...text.replace(FENCED, '').matchAll(LINK)]
    .map(([, target = '']) => decodeURI(target))
    .filter((target) => !exists(resolveLink(file, target)))
    .map((target) => `${file}: ${target}`);
}

/** Paths of files and folders, written as code, that do not exist. */
export function findMissingPaths(
  { file, text }: Page,
  exists: (path: string) => boolean,
): string[] {
  return [...text.matchAll(PATH)]
    .map(([, path = '']) => path.replace(/:\d+$/, ''))
    .filter((path) => !exists(path))
    .map((path) => `${file}: ${path}`);
}

function resolveLink(file: string, target: string): string {
  return target.startsWith('/')
    ? target.slice(1)
    : posix.normalize(posix.join(posix.dirname(file), target));
}
