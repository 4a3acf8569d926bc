import type { AllTemplatesAnswer, RegistryFinding } from '@skynet/contracts';
import { oneLine } from '../screen/plain-text.js';

const WIDTH = 200;
const LONG = 1_000;

type Template = AllTemplatesAnswer['templates'][number];
type Argument = Template['arguments'][number];

/** The answer with nothing but what is about the template of that name; without a name the whole. */
export function onlyNamed(
  answer: AllTemplatesAnswer,
  name: string | undefined,
): AllTemplatesAnswer {
  if (name === undefined) return answer;
  const isNamed = (each: { readonly name: string }) => each.name === name;
  return {
    ...answer,
    templates: answer.templates.filter(isNamed),
    refused: answer.refused.filter(isNamed),
    findings: answer.findings.filter(({ path }) => isAbout(path, name)),
  };
}

/** A line for each template, and what is left out of which and why; of one also its arguments. */
export function renderTemplates(
  { templates, more, refused, findings }: AllTemplatesAnswer,
  { isOne }: { readonly isOne: boolean },
): string[] {
  const lines = [
    ...templates.flatMap((template) => (isOne ? details(template) : [summary(template)])),
    ...(more > 0 ? [`… and ${more} more`] : []),
    ...refused.map(({ name, reason }) => oneLine(`${name}  left out: ${reason}`, LONG)),
    ...findings.filter(({ severity }) => isOne || severity === 'refused').map(findingText),
  ];
  return lines.length === 0 ? ['no templates'] : lines;
}

function summary({ name, version, description, arguments: taken }: Template): string {
  const names = taken.map(({ name: each, required }) => (required ? each : `${each}?`));
  const all = names.length === 0 ? '' : `(${names.join(', ')})`;
  return oneLine(`${name}${all}  ${version}  ${description}`, WIDTH);
}

function details(template: Template): string[] {
  const { name, version, description, file, model, tools, tenants, hasOutput, strategy } = template;
  const limits = Object.entries(template.limits).map(([limit, amount]) => `${limit} ${amount}`);
  const lines = [
    description,
    `file: ${file ?? 'the registry'}`,
    `model: ${model ?? 'that of the parent, else the default'}`,
    `tools: ${tools === undefined ? 'those of the parent' : listed(tools)}`,
    ...(limits.length === 0 ? [] : [`limits: ${limits.join(', ')}`]),
    ...(tenants === undefined ? [] : [`only for: ${listed(tenants)}`]),
    ...(strategy === undefined ? [] : [`strategy: ${strategy}`]),
    ...(hasOutput ? ['answers with JSON of a schema'] : []),
    ...template.arguments.map(argumentText),
  ];
  const shown = lines.filter((line) => line !== '').map((line) => `  ${oneLine(line, LONG)}`);
  return [oneLine(`${name}  ${version}`, WIDTH), ...shown];
}

function listed(names: readonly string[]): string {
  return names.join(', ') || 'none';
}

function argumentText(argument: Argument): string {
  const { name, required, description = '', default: standard, choices } = argument;
  const notes = [
    ...(required ? ['required'] : []),
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
    ...(standard === undefined ? [] : [`default ${JSON.stringify(standard)}`]),
  ];
  const said = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return `--arg ${name}=…${said}  ${description}`;
}

function findingText({ file, line, path, severity, cause, next }: RegistryFinding): string {
  const how = severity === 'warning' ? 'warning: ' : '';
  return oneLine(`${file}:${line}  ${path}: ${how}${cause}. ${next}`, LONG);
}

function isAbout(path: string, name: string): boolean {
  const entry = `templates.${name}`;
  return path === entry || path.startsWith(`${entry}.`) || path.startsWith(`${entry}[`);
}
