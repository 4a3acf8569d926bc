// A scripted model: does what its task says, as JSON.
export default (request, context) => {
  const { kind, message, retryable, ...turn } = JSON.parse(request.messages[0].text);
  if (kind === 'fail') context.fail(message, { retryable });
  if (kind === 'break') throw new TypeError(message);
  if (kind === 'stall') context.say('…');
  if (turn.text) for (const piece of turn.text) context.say(piece);
  return kind === 'stall' ? new Promise(() => undefined) : turn;
};
