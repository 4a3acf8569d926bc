// A scripted model: calls the tool that its task names, once, and answers with what that says.
export default ({ messages }) => {
  const { tool, ...input } = JSON.parse(messages[0].text);
  const result = messages.find(({ role }) => role === 'tool');
  if (result !== undefined) return { text: result.content };
  return { toolCalls: [{ name: tool, arguments: input }] };
};
