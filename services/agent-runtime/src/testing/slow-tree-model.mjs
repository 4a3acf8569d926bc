// A scripted model: builds a full tree as `scripted:tree` does, and takes `pauseMs` for each turn.
export default async (request, context) => {
  const task = JSON.parse(request.messages[0].text.split('\n\nContext:\n')[0]);
  const { depth, fanOut, pauseMs } = task;
  await context.sleep(pauseMs);
  const isFirst = !request.messages.some(({ role }) => role === 'assistant');
  if (depth === 1) return { text: JSON.stringify({ agents: 1 }) };
  if (isFirst) {
    const description = JSON.stringify({ ...task, depth: depth - 1 });
    const limits = { descendants: depth === 2 ? 0 : fanOut, children: fanOut };
    const spawn = { name: 'spawn_agent', arguments: { task: { description }, limits } };
    const wait = { name: 'await_agents', arguments: { mode: 'all' } };
    return { toolCalls: [...Array.from({ length: fanOut }, () => spawn), wait] };
  }
  const { content } = request.messages.findLast(({ role }) => role === 'tool');
  const below = JSON.parse(content).agents.map(({ output }) => JSON.parse(output).agents);
  return { text: JSON.stringify({ agents: below.reduce((all, each) => all + each, 1) }) };
};
