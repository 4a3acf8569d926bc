import { TEMPLATE_VERSION_CHARS, type AgentRow, type AgentSpec } from '@skynet/contracts';

/** What a row says of the template of its agent. */
export function templateOf({
  template,
  pins,
}: Pick<AgentSpec, 'template' | 'pins'>): Pick<AgentRow, 'template' | 'templateVersion'> {
  return { template, templateVersion: pins.template?.slice(0, TEMPLATE_VERSION_CHARS) };
}
