// A scripted model: asks each server of its task what it is told, and lets a child do the same where the task says so.
export default ({ messages }) => {
  const { servers, child } = JSON.parse(messages[0].text);
  if (messages.some(({ role }) => role === 'assistant')) return { text: 'looked' };
  const looks = servers.map((server) => ({ name: `${server}__look`, arguments: {} }));
  if (!child) return { toolCalls: looks };
  const task = { description: JSON.stringify({ servers, child: false }) };
  const spawn = { name: 'spawn_agent', arguments: { task } };
  return { toolCalls: [...looks, spawn, { name: 'await_agents', arguments: {} }] };
};
