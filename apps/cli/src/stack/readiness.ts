import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOOPBACK } from './ports.js';
import type { PlannedProcess } from './stack-plan.js';

const LOOK_AGAIN_MS = 30;

/** Resolves when the process does its work; rejects when the signal is aborted. */
export async function whenReady(planned: PlannedProcess, signal: AbortSignal): Promise<void> {
  const { port, readyUrl } = planned;
  const isReady = readyUrl === undefined ? () => accepts(port) : () => answersOk(readyUrl, signal);
  while (!(await isReady())) await sleep(LOOK_AGAIN_MS, undefined, { signal });
}

async function answersOk(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { signal });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port });
    const answer = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
