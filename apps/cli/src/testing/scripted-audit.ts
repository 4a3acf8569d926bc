import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AUDIT_FOLDER } from '../demo/audit-registry.js';

interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

type Message =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls: readonly ToolCall[] }
  | {
      readonly role: 'tool';
      readonly toolCallId: string;
      readonly content: string;
      readonly isError: boolean;
    };

interface Turn {
  readonly text?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: object }[];
}

type Script = (
  request: { readonly messages: readonly Message[] },
  context: { readonly fail: (message: string) => never },
) => Turn;

interface Spawned {
  readonly template: string;
  readonly task: { readonly description: string; readonly context?: string };
}

type Outcome = { readonly output: string } | { readonly failure: string };

const MOST_TURNS = 20;
const modules: Readonly<Record<string, string>> = {
  'licence-auditor': 'auditor.mjs',
  'licence-group': 'group.mjs',
  'licence-package': 'package.mjs',
};

/** Runs the scripted models of the audit without a stack, over files in memory. */
export class ScriptedAudit {
  /** Every path that an agent asked for. */
  readonly asked: string[] = [];
  private readonly agents: { readonly template: string; readonly outcome: Outcome }[] = [];

  /** `files`: text by absolute path, all below `root`. */
  constructor(
    private readonly root: string,
    private readonly files: Readonly<Record<string, string>>,
  ) {}

  /** How many agents there were, by template. */
  count(template: string): number {
    return this.agents.filter((agent) => agent.template === template).length;
  }

  async run(
    spawned: Spawned = { template: 'licence-auditor', task: { description: 'Audit' } },
  ): Promise<Outcome> {
    const file = join(AUDIT_FOLDER, modules[spawned.template] ?? '');
    const module = (await import(pathToFileURL(file).href)) as { default: Script };
    const outcome = await this.converse(module.default, spawned).catch((error: unknown) => ({
      failure: (error as Error).message,
    }));
    this.agents.push({ template: spawned.template, outcome });
    return outcome;
  }

  private async converse(script: Script, { task }: Spawned): Promise<Outcome> {
    const context = task.context === undefined ? '' : `\n\nContext:\n${task.context}`;
    const messages: Message[] = [{ role: 'user', text: task.description + context }];
    const fail = (message: string) => {
      throw new Error(message);
    };
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      const { text = '', toolCalls } = script({ messages }, { fail });
      if (toolCalls === undefined) return { output: text };
      const calls = toolCalls.map((call, index) => ({
        id: `${turn}_${index}`,
        name: call.name,
        arguments: JSON.stringify(call.arguments),
      }));
      messages.push({ role: 'assistant', text, toolCalls: calls }, ...(await this.carryOut(calls)));
    }
    throw new Error(`no answer after ${MOST_TURNS} turns`);
  }

  private async carryOut(calls: readonly ToolCall[]): Promise<Message[]> {
    const reports: object[] = [];
    const results: Message[] = [];
    for (const { id, name, arguments: json } of calls) {
      const input = JSON.parse(json) as Spawned & { readonly path: string };
      const reply = (content: string | undefined) =>
        results.push({
          role: 'tool',
          toolCallId: id,
          content: content ?? `ENOENT: ${input.path}`,
          isError: content === undefined,
        });
      if (name === 'spawn_agent') {
        reports.push(reportOf(id, await this.run(input)));
        reply(JSON.stringify({ agentId: id }));
      } else {
        reply(
          name === 'await_agents' ? JSON.stringify({ agents: reports }) : this.read(name, input),
        );
      }
    }
    return results;
  }

  private read(tool: string, { path }: { readonly path: string }): string | undefined {
    if (tool === 'report_progress') return 'ok';
    if (tool === 'files__list_allowed_directories') return `Allowed directories:\n${this.root}`;
    this.asked.push(path);
    return tool === 'files__list_directory' ? this.list(path) : this.files[path];
  }

  private list(folder: string): string | undefined {
    const below = Object.keys(this.files)
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1).split('/'));
    const lines = below.map(([name, ...rest]) => `${rest.length > 0 ? '[DIR]' : '[FILE]'} ${name}`);
    return lines.length === 0 ? undefined : [...new Set(lines)].join('\n');
  }
}

function reportOf(agentId: string, outcome: Outcome): object {
  if ('output' in outcome) return { agentId, status: 'completed', output: outcome.output };
  return { agentId, status: 'failed', failure: { message: outcome.failure } };
}
