// A scripted model: appends one line a turn through the tool server, `steps` lines in all, then says how many.
export default (request, context) => appendLines('file__append', request, context);

export async function appendLines(name, request, context) {
  const { steps, pauseMs, delayMs } = JSON.parse(request.messages[0].text);
  const taken = request.messages.filter(({ role }) => role === 'assistant').length;
  await context.sleep(pauseMs);
  if (taken === steps) return { text: `${steps} lines` };
  const line = `step ${taken + 1}`;
  return { toolCalls: [{ name, arguments: { line, delayMs } }] };
}
