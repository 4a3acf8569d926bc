import {
  ProtocolError,
  ProtocolErrorCode,
  type GetPromptResult,
  type ListPromptsResult,
} from '@modelcontextprotocol/server';
import { hasRole, spawnAgentTool, type Principal, type QueryAnswer } from '@skynet/contracts';
import type { ViewQueries } from '../views/view-queries.js';
import { missingScopes } from '../access/missing-scopes.js';

const MAX_NAME_CHARS = 64;
const MAX_VALUE_CHARS = 8 * 1_024;

type Template = QueryAnswer<'templates'>['templates'][number];
type Given = Readonly<Record<string, string>>;

/** Templates as prompts: each tells the client's model to spawn an agent with it. */
export class TemplatePrompts {
  constructor(private readonly queries: Pick<ViewQueries, 'ask'>) {}

  /**
   * None for who may not spawn.
   *
   * @throws WorldError as ViewQueries
   */
  async list(principal: Principal): Promise<ListPromptsResult> {
    const templates = await this.templatesFor(principal);
    return {
      prompts: templates.map(({ name, description, arguments: taken }) => ({
        name,
        description,
        arguments: taken.map((each) => ({
          name: each.name,
          description: descriptionOf(each),
          required: each.required,
        })),
      })),
    };
  }

  /**
   * @throws ProtocolError when there is no such template, or its arguments are not these
   * @throws WorldError as ViewQueries
   */
  async get(principal: Principal, name: string, given: Given = {}): Promise<GetPromptResult> {
    const templates = await this.templatesFor(principal);
    const template = templates.find((each) => each.name === name);
    if (template === undefined) throw invalid(`there is no prompt ${shortened(name)}`);
    const fault = faultOf(template, given);
    if (fault !== undefined) throw invalid(fault);
    const text = textOf(template, given);
    return {
      description: template.description,
      messages: [{ role: 'user', content: { type: 'text', text } }],
    };
  }

  private async templatesFor(principal: Principal): Promise<readonly Template[]> {
    const maySpawn = hasRole(principal, spawnAgentTool.role);
    if (!maySpawn || missingScopes(principal, spawnAgentTool) !== undefined) return [];
    const { tenant } = principal;
    return (await this.queries.ask('templates', { tenant })).templates;
  }
}

function descriptionOf({
  description = '',
  default: standard,
  choices,
}: Template['arguments'][number]): string {
  const notes = [
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
    ...(standard === undefined ? [] : [`default ${JSON.stringify(standard)}`]),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`.trim();
}

/** What the spawn would be refused for, as far as it can be seen from here. */
function faultOf({ arguments: taken }: Template, given: Given): string | undefined {
  const unknown = Object.keys(given).find((name) => taken.every((each) => each.name !== name));
  if (unknown !== undefined) return `arguments: ${shortened(unknown)} is not known`;
  const long = Object.keys(given).find((name) => (given[name] ?? '').length > MAX_VALUE_CHARS);
  if (long !== undefined) return `arguments: ${long} is longer than ${MAX_VALUE_CHARS} characters`;
  const missing = taken.find(({ name, required }) => required && (given[name] ?? '') === '');
  return missing === undefined ? undefined : `arguments: ${missing.name} is missing`;
}

/** Values stand in it as JSON, so that none of them can be read as a part of what is to be done. */
function textOf({ name, description }: Template, given: Given): string {
  const call = { template: name, arguments: given, task: { description: '…' } };
  return [
    `Call the tool spawn_agent with these arguments: ${JSON.stringify(call)}`,
    'Put in place of … what the agent shall do, with all the facts from this conversation that it needs; where the ' +
      'template says it all, "Begin.".',
    `The agent is one of the template ${name}: ${description}`,
    'Then call wait_agent until it has ended, get_agent_result, and tell the result.',
  ].join('\n\n');
}

function shortened(name: string): string {
  return name.slice(0, MAX_NAME_CHARS).toWellFormed();
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}
