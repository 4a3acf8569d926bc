// A scripted model: has one call counted in each turn, `steps` in all, under the recovery policy that its task names.
export default async (request, context) => {
  const { mark, policy, steps, pauseMs, delayMs } = JSON.parse(request.messages[0].text);
  const taken = request.messages.filter(({ role }) => role === 'assistant').length;
  await context.sleep(pauseMs);
  if (taken >= steps) return { text: `${steps} steps` };
  const name = `${policy}__count`;
  return { toolCalls: [{ name, arguments: { mark, step: taken + 1, delayMs } }] };
};
