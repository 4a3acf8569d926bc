/** A function that the page names. */
export interface NamedFunction {
  /** From the root, with forward slashes. */
  readonly file: string;
  /** `function` or `Class.method`. */
  readonly name: string;
  /** The service whose process calls it: its own, and for a library the one that the page named last. */
  readonly service: string;
  /** Whether the call that the page follows passes it; others pass it where the text says so. */
  readonly isPassed: boolean;
}

export interface FlowPage {
  readonly files: readonly string[];
  readonly functions: readonly NamedFunction[];
}

const NAMED =
  /`(?<file>(?:libs|services)\/[^`\s]+\.ts)`|`(?<name>(?:\w+\.)?#?\w+)\(\)(?<other>\??)`/g;

/**
 * The files and functions of a page that follows a call: a function stands behind its file, as `f()`, or as `f()?` when the
 * call does not pass it.
 *
 * @throws Error for a function that stands behind no file
 */
export function readFlowPage(text: string): FlowPage {
  const files = new Set<string>();
  const functions: NamedFunction[] = [];
  let [file, service] = ['', ''];
  for (const { groups = {} } of text.matchAll(NAMED)) {
    const { name, other } = groups;
    if (groups['file'] !== undefined) {
      file = groups['file'];
      service = /^services\/([^/]+)\//.exec(file)?.[1] ?? service;
      files.add(file);
    } else if (name !== undefined) {
      if (service === '') throw new Error(`${name}() stands behind no file of a service`);
      functions.push({ file, name, service, isPassed: other === '' });
    }
  }
  return { files: [...files], functions };
}
