import type { DefaultModel, RegistryReport } from '@skynet/contracts';
import { oneLine } from '../screen/plain-text.js';

const MAX_CHARS = 1_000;

/** One line for each finding, as `file:line  path: cause. next step.`, and one for what is used. */
export function renderRegistryReport(report: RegistryReport): string[] {
  const { file, findings, models, servers, templates, secrets, defaultModel } = report;
  return [
    ...findings.map(({ file, line, path, cause, next, severity }) => {
      const what = [path, severity === 'warning' ? 'warning' : '', cause].filter((part) => part);
      return oneLine(`${file}:${line}  ${what.join(': ')}. ${next}`, MAX_CHARS);
    }),
    ...(secrets.length === 0 ? [] : [oneLine(`secrets in use: ${secrets.join(', ')}`, MAX_CHARS)]),
    ...(defaultModel === undefined ? [] : [defaultText(defaultModel)]),
    `${file}: ${servers} servers, ${models} models, ${templates} templates; ${counted(report)}`,
  ];
}

/** Which model agents have for which nobody names one, and why. */
function defaultText({ id, why }: DefaultModel): string {
  return oneLine(`default model: ${id}, as ${why}`, MAX_CHARS);
}

/** `2 refused, 1 warning` */
export function counted({ findings }: Pick<RegistryReport, 'findings'>): string {
  const refused = findings.filter(({ severity }) => severity === 'refused').length;
  const warnings = findings.length - refused;
  if (findings.length === 0) return 'nothing refused';
  return `${refused} refused, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
}

export function hasRefused({ findings }: Pick<RegistryReport, 'findings'>): boolean {
  return findings.some(({ severity }) => severity === 'refused');
}
