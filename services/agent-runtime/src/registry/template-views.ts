import {
  subjects,
  TEMPLATE_VERSION_CHARS,
  type AllTemplatesAnswer,
  type QueryAnswer,
} from '@skynet/contracts';
import { hashOf, type MessageBus } from '@skynet/platform';
import type { Registry } from './registry.config.js';
import type { CurrentRegistry } from './registry-source.js';
import {
  isRequired,
  type TemplateArgument,
  type TemplateEntry,
} from './templates/template-entry.js';
import { visibleTo } from './tenants.js';

/** An answer must fit into one message. */
const MAX_ANSWER_BYTES = 256 * 1_024;
const MAX_FINDINGS = 200;
const MAX_LINE_CHARS = 200;
const MAX_CHOICES_CHARS = 1_000;
const QUEUE = 'agent-runtime';

type TemplateView = QueryAnswer<'templates'>['templates'][number];
type Templates = Pick<Registry, 'templates'>;

/** Answers operators who ask what templates there are, until the returned function is called. */
export function serveTemplateViews(
  bus: Pick<MessageBus, 'serve'>,
  source: CurrentRegistry,
  worker: string,
): () => void {
  return bus.serve(subjects.templates, QUEUE, () =>
    Promise.resolve({ worker, ...viewAllTemplates(source.current) }),
  );
}

/** What a tenant may name, by name. */
export function templatesFor(
  { current }: CurrentRegistry,
  tenant: string,
): QueryAnswer<'templates'> {
  return viewTemplates(visibleTo(current, tenant));
}

/** The first line of what a template is for. */
export function lineOf({ description = '' }: Pick<TemplateEntry, 'description'>): string {
  return cut(description.trim().split(/[\r\n]/)[0] ?? '');
}

function viewAllTemplates(registry: Registry): Omit<AllTemplatesAnswer, 'worker'> {
  const { refused, findings, tenants, templateFiles = {} } = registry;
  const { templates, more } = viewTemplates(registry);
  const leftOut = Object.entries(refused).filter(([entry]) => entry.startsWith('templates.'));
  return {
    templates: templates.map((view) => {
      const list = tenants[`templates.${view.name}`];
      return { ...view, file: templateFiles[view.name], ...(list && { tenants: [...list] }) };
    }),
    more,
    refused: leftOut.map(([entry, reason]) => ({
      name: entry.slice('templates.'.length),
      reason: cut(reason),
    })),
    findings: findings.filter(({ path }) => path.startsWith('template')).slice(0, MAX_FINDINGS),
  };
}

function viewTemplates({ templates }: Templates): QueryAnswer<'templates'> {
  let left = MAX_ANSWER_BYTES;
  const views = Object.keys(templates)
    .toSorted()
    .flatMap((name) => viewTemplate(name, templates[name]) ?? []);
  const fitting = views.filter((view) => (left -= Buffer.byteLength(JSON.stringify(view))) >= 0);
  return { templates: fitting, more: views.length - fitting.length };
}

function viewTemplate(name: string, entry: TemplateEntry | undefined): TemplateView | undefined {
  if (entry === undefined) return undefined;
  const { model, tools, limits, arguments: declared = [], output, strategy } = entry;
  return {
    name,
    description: lineOf(entry),
    version: hashOf(entry).slice(0, TEMPLATE_VERSION_CHARS),
    model: model.id,
    ...(tools && { tools: [...tools] }),
    limits,
    arguments: declared.map(viewArgument),
    hasOutput: output !== undefined,
    ...(strategy && { strategy: strategy.name }),
  };
}

function viewArgument(argument: TemplateArgument): TemplateView['arguments'][number] {
  const { name, description, default: standard, choices } = argument;
  const isShort = (choices?.join('').length ?? 0) <= MAX_CHOICES_CHARS;
  return {
    name,
    required: isRequired(argument),
    ...(description !== undefined && { description: cut(description) }),
    ...(standard !== undefined && { default: cut(standard) }),
    ...(choices !== undefined && isShort && { choices: [...choices] }),
  };
}

function cut(text: string): string {
  return text.length <= MAX_LINE_CHARS ? text : `${text.slice(0, MAX_LINE_CHARS).toWellFormed()}…`;
}
