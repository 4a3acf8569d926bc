import type { ProvidersAnswer } from '@skynet/contracts';
import { oneLine } from '../screen/plain-text.js';

const WIDTH = 1_000;

type Limit = ProvidersAnswer['limits'][number];
type Circuit = ProvidersAnswer['circuits'][number];

/** What is used of each limit, and below it how the worker that has answered finds what it has called. */
export function renderProviders({ worker, slots, limits, circuits }: ProvidersAnswer): string[] {
  const none = 'no limits per minute in the registry';
  return [
    ...(limits.length === 0 ? [none] : limits.map((limit) => oneLine(limitText(limit), WIDTH))),
    oneLine(
      `${worker}: ${slots} slots${circuits.length === 0 ? ', no model called yet' : ''}`,
      WIDTH,
    ),
    ...circuits.map((circuit) => `  ${oneLine(circuitText(circuit), WIDTH)}`),
  ];
}

function limitText({ of, requests, tokens, requestsPerMinute, tokensPerMinute }: Limit): string {
  const parts = [
    requestsPerMinute === undefined ? [] : [`${requests} of ${requestsPerMinute} requests`],
    tokensPerMinute === undefined ? [] : [`${tokens} of ${tokensPerMinute} tokens`],
  ];
  return `${of}  ${parts.flat().join(', ')} in this minute, of all workers`;
}

function circuitText({ of, state, waiting, waitMs, lastFailure }: Circuit): string {
  const waits = waiting === 0 ? '' : `, ${waiting} ${waiting === 1 ? 'call waits' : 'calls wait'}`;
  if (state === 'called') return `${of}  called${waits}`;
  const time = waitMs === undefined ? 'one call tries' : timeText(waitMs);
  const why =
    state === 'failures' ? `its calls fail: ${lastFailure ?? 'no reason'}` : 'it asks for it';
  return `${of}  left alone, ${time}${waits}; ${why}`;
}

function timeText(waitMs: number): string {
  return waitMs === 0 ? 'the next call tries' : `for ${Math.ceil(waitMs / 1_000)} s`;
}
