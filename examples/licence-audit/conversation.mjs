/**
 * What a scripted model sees and says. It is the whole interface: a script reads the conversation so far and answers
 * with its next turn, as a model would. It has no other way to the world than the tools it calls.
 *
 * @typedef {{ id: string, name: string, arguments: string }} AskedCall
 * @typedef {{ role: 'user', text: string }} UserMessage
 * @typedef {{ role: 'assistant', text: string, toolCalls: readonly AskedCall[] }} AssistantMessage
 * @typedef {{ role: 'tool', toolCallId: string, content: string, isError: boolean }} ToolMessage
 * @typedef {{ messages: readonly (UserMessage | AssistantMessage | ToolMessage)[] }} Request
 * @typedef {{ fail: (message: string) => never }} Context
 * @typedef {{ name: string, arguments: object }} Call
 * @typedef {{ text: string } | { toolCalls: readonly Call[] }} Turn
 * @typedef {(request: Request, context: Context) => Turn} Script
 */

const CONTEXT = '\n\nContext:\n';
const EXPECTED_OUTPUT = '\n\nExpected output:\n';

/**
 * Facts that whoever spawned this agent passed on as JSON.
 *
 * @param {Request} request
 * @returns {unknown}
 */
export function contextOf(request) {
  const [first] = request.messages;
  const task = first?.role === 'user' ? first.text : '';
  const start = task.indexOf(CONTEXT);
  if (start < 0) return undefined;
  const [context = ''] = task.slice(start + CONTEXT.length).split(EXPECTED_OUTPUT);
  return JSON.parse(context);
}

/**
 * Results of every turn so far, each in the order of its calls.
 *
 * @param {Request} request
 * @returns {{ call: AskedCall, content: string, isError: boolean }[][]}
 */
export function resultsByTurn({ messages }) {
  const results = new Map(
    messages.flatMap((message) => (message.role === 'tool' ? [[message.toolCallId, message]] : [])),
  );
  return messages
    .filter((message) => message.role === 'assistant')
    .map(({ toolCalls }) =>
      toolCalls.map((call) => {
        const { content = '', isError = true } = results.get(call.id) ?? {};
        return { call, content, isError };
      }),
    );
}

/**
 * @param {string} message
 * @returns {Call}
 */
export function progress(message) {
  return { name: 'report_progress', arguments: { message } };
}

/**
 * @param {string} path
 * @param {number} [head] Lines to read; all when left out.
 * @returns {Call}
 */
export function readFile(path, head) {
  return {
    name: 'files__read_text_file',
    arguments: head === undefined ? { path } : { path, head },
  };
}

/**
 * @param {string} path
 * @returns {Call}
 */
export function listFolder(path) {
  return { name: 'files__list_directory', arguments: { path } };
}

/**
 * @param {{ template: string, description: string, context: unknown }} child
 * @returns {Call}
 */
export function spawn({ template, description, context }) {
  return {
    name: 'spawn_agent',
    arguments: { template, task: { description, context: JSON.stringify(context) } },
  };
}

/** @type {Call} */
export const awaitAll = { name: 'await_agents', arguments: { mode: 'all' } };

/**
 * What became of each spawned agent, in the order of the spawning; the last turn must have ended with `awaitAll`.
 *
 * @param {{ call: AskedCall, content: string, isError: boolean }[]} turn
 * @returns {{ task: string, output?: string, reason?: string }[]}
 */
export function childResults(turn) {
  const waited = turn.at(-1);
  /** @type {Map<string, { status: string, output?: string, failure?: { message: string } }>} */
  const reports = new Map();
  if (waited !== undefined && !waited.isError) {
    for (const report of JSON.parse(waited.content).agents) reports.set(report.agentId, report);
  }
  return turn
    .filter(({ call }) => call.name === 'spawn_agent')
    .map(({ call, content, isError }) => {
      const task = JSON.parse(call.arguments).task.description;
      if (isError) return { task, reason: content };
      const report = reports.get(JSON.parse(content).agentId);
      if (report?.status === 'completed') return { task, output: report.output };
      return { task, reason: report?.failure?.message ?? report?.status ?? 'not awaited' };
    });
}
