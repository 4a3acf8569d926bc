import type { Plant } from './patched-source.js';

const domain = 'domain/agents/dist';

/** Bugs that lose, double or hold back what an agent is told. */
export const messagePlants: readonly Plant[] = [
  {
    name: 'a message is lost on the last answer',
    file: `${domain}/decisions/model-outcome.js`,
    from: 'if (draft.state.unread.length > 0)',
    to: 'if (false)',
  },
  {
    name: 'a message is received twice',
    file: `${domain}/decisions/messages.js`,
    from: 'if (state.handled.has(command.id))',
    to: 'if (false)',
  },
  {
    name: 'messages are read in another order',
    file: `${domain}/evolution/messages.js`,
    from: '[...state.unread, message]',
    to: '[message, ...state.unread]',
  },
  {
    name: 'a message that is not to wait waits',
    file: `${domain}/decisions/awaiting.js`,
    from: 'unread.some(({ interrupts }) => interrupts)',
    to: 'unread.some(() => false)',
  },
];
