import { isBuiltin } from 'node:module';
import { posix, relative, sep } from 'node:path';
import type { Rule } from 'eslint';
import type { house as House, specs as Specs } from '../house.js';
import type { Project } from '../house-project.js';

interface Importer {
  readonly project: Project;
  /** Below the project's `src`. */
  readonly path: string;
  readonly isSpec: boolean;
  readonly house: typeof House;
}

/** An import crosses a fence of the house, or climbs over one instead of going through a package's door. */
export function importsRule(house: typeof House, specs: typeof Specs): Rule.RuleModule {
  return {
    meta: {
      type: 'problem',
      messages: { refused: '{{project}} may not import "{{specifier}}": {{reason}}.' },
      schema: [],
    },
    create(context) {
      const importer = importerOf(house, specs, relative(context.cwd, context.filename));
      if (importer === undefined) return {};
      const check = (node: Rule.Node, source: unknown) => {
        const specifier = textOf(source);
        if (specifier === undefined) return;
        const reason = refusal(importer, specifier, specs);
        if (reason === undefined) return;
        const data = { project: importer.project.name, specifier, reason };
        context.report({ node, messageId: 'refused', data });
      };
      return {
        ImportDeclaration: (node) => check(node, node.source),
        ExportNamedDeclaration: (node) => check(node, node.source),
        ExportAllDeclaration: (node) => check(node, node.source),
        ImportExpression: (node) => check(node, node.source),
        TSImportType: (node: Rule.Node & { source?: unknown }) => check(node, node.source),
        TSExternalModuleReference: (node: Rule.Node & { expression?: unknown }) =>
          check(node, node.expression),
      };
    },
  };
}

function importerOf(house: typeof House, specs: typeof Specs, file: string): Importer | undefined {
  const path = file.split(sep).join('/');
  const project = house.find(({ folder }) => path.startsWith(`${folder}/src/`));
  return (
    project && {
      house,
      project,
      path: path.slice(`${project.folder}/src/`.length),
      isSpec: specs.file.test(path),
    }
  );
}

function textOf(source: unknown): string | undefined {
  const value = (source as { value?: unknown } | null | undefined)?.value;
  return typeof value === 'string' ? value : undefined;
}

function refusal(importer: Importer, specifier: string, specs: typeof Specs): string | undefined {
  if (specifier.startsWith('.')) return refusalOfFile(importer, specifier);
  if (isBuiltin(specifier)) return refusalOfBuiltin(importer, specifier);
  if (specifier.startsWith('@skynet/')) return refusalOfProject(importer, specifier, specs);
  return refusalOfPackage(importer, packageOf(specifier), specs);
}

function refusalOfFile({ path }: Importer, specifier: string): string | undefined {
  return posix.join(posix.dirname(path), specifier).startsWith('..')
    ? 'it leaves the package; import another package by its name'
    : undefined;
}

function refusalOfBuiltin({ project, isSpec }: Importer, specifier: string): string | undefined {
  if (!specifier.startsWith('node:')) return 'write node: before the name';
  return project.node || isSpec ? undefined : project.advice;
}

function refusalOfProject(
  { project, isSpec, house }: Importer,
  specifier: string,
  specs: typeof Specs,
): string | undefined {
  const name = packageOf(specifier);
  if (name === project.name) return 'import files of the same package by their path';
  const doors = house.find((each) => each.name === name)?.doors ?? [];
  if (name !== specifier && !doors.includes(specifier.slice(name.length + 1))) {
    return `${name} has no such door; export what you need from its index.ts`;
  }
  if (name === specs.project) {
    return isSpec ? undefined : 'testing is for spec files only';
  }
  return project.projects.includes(name) ? undefined : project.advice;
}

function refusalOfPackage(
  { project, path, isSpec }: Importer,
  name: string,
  specs: typeof Specs,
): string | undefined {
  const isOneOf = (patterns: readonly string[]) => patterns.some((each) => matches(each, name));
  if (isOneOf(project.npm)) return undefined;
  const ofTesting = project.name === specs.project ? specs.npmOfTesting : [];
  if (isSpec && isOneOf([...specs.npm, ...ofTesting])) return undefined;
  const limited = Object.entries(project.npmOnlyIn).find(([pattern]) => matches(pattern, name));
  const allowed = limited?.[1].some((place) => place.test(path)) ?? false;
  return allowed || (isSpec && limited) ? undefined : project.advice;
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
