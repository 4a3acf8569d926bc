import type { AutoReport, DefaultModel } from '@skynet/contracts';
import { oneLine } from '../screen/plain-text.js';
import type { LocalServer } from './local-servers.js';
import type { ToolTrial } from './tool-trial.js';

const WIDTH = 1_000;

export interface TriedModel {
  /** As a spawn names it. */
  readonly id: string;
  /** Absent when it was not tried. */
  readonly tools?: ToolTrial;
}

export interface ModelsFound {
  /** Of agents for which nobody names one. Absent when the registry's own can't be used. */
  readonly defaultModel?: DefaultModel;
  /** Absent when there is nothing to choose. */
  readonly auto?: AutoReport;
  readonly servers: readonly (Omit<LocalServer, 'models'> & {
    readonly models: readonly TriedModel[];
  })[];
}

export function renderModels(
  { defaultModel, auto, servers }: ModelsFound,
  ports: readonly number[],
): string[] {
  const standard =
    defaultModel === undefined
      ? 'default  none: skynet registry check says why'
      : `default  ${defaultModel.id}: ${defaultModel.why}`;
  const none =
    ports.length === 0
      ? 'local  not looked for: SKYNET_MODEL_PORTS names no port'
      : `local  no server of models at the ports ${ports.join(', ')} of this machine`;
  const found = servers.flatMap((server) => [
    `${server.name}  ${server.url}${more(server.leftOut)}`,
    ...server.models.map(
      ({ id, tools }) => `  ${id}${tools === undefined ? '' : trialText(tools)}`,
    ),
  ]);
  return [standard, ...autoLines(auto), ...(servers.length === 0 ? [none] : found)].map((line) =>
    bounded(line),
  );
}

const SIZES = { 1: 'small', 2: 'middle', 3: 'large' } as const;

/** What is chosen among, and what for the task that was asked about. */
function autoLines(auto: AutoReport | undefined): string[] {
  if (auto === undefined) return [];
  const { preference, models, choice } = auto;
  return [
    `auto  chosen for each task, preference ${preference}`,
    ...models.map((model) => `  ${model.id}  ${candidateText(model)}`),
    ...(choice === undefined ? [] : choiceLines(choice)),
  ];
}

function candidateText(model: AutoReport['models'][number]): string {
  const { skill, price, contextTokens, sees, tools, structured, absence } = model;
  if (absence !== undefined) return `passed over: ${absence}`;
  return [
    SIZES[skill],
    price === undefined
      ? 'no known price'
      : `${perMillion(price.inputMicroUsdPerMillion)} in and ${perMillion(price.outputMicroUsdPerMillion)} out for a million tokens`,
    ...(contextTokens === undefined ? [] : [`window ${contextTokens}`]),
    ...(sees ? ['sees'] : []),
    ...(tools ? [] : ['calls no tools']),
    ...(structured ? [] : ['answers fit no schema']),
  ].join(', ');
}

function perMillion(microUsd: number): string {
  return `$${(microUsd / 1_000_000).toFixed(2)}`;
}

function choiceLines({ model, reasons, refused }: NonNullable<AutoReport['choice']>): string[] {
  return [
    `chosen  ${model ?? 'none'}`,
    ...reasons.map((reason) => `  ${reason}`),
    ...refused.map(({ model: id, reason }) => `  not ${id}: ${reason}`),
  ];
}

function more(leftOut: number): string {
  return leftOut === 0 ? '' : `  and ${leftOut} more that are not shown`;
}

function trialText(tried: ToolTrial): string {
  switch (tried.verdict) {
    case 'calls tools':
      return `  calls tools, ${tried.seconds} s`;
    case 'calls tools badly':
      return `  calls tools with arguments that are no JSON, ${tried.seconds} s: ${tried.arguments}`;
    case 'no tool call':
      return `  does not call the tool that it is offered, ${tried.seconds} s: ${tried.said}`;
    case 'no answer':
      return `  did not answer: ${tried.reason}`;
  }
}

/** The space before a model says which server has it. */
function bounded(line: string): string {
  const indent = line.startsWith('  ') ? '  ' : '';
  return `${indent}${oneLine(line.trimStart(), WIDTH)}`;
}
