import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SHARE_FLAGS, type SeedReport, type Share } from './share-protocol.js';

const PROGRAM = fileURLToPath(new URL('share.js', import.meta.url));

/** Runs the seeds in as many processes; calls with each report as it comes. @throws Error when a process fails */
export async function runSeeds(
  share: Omit<Share, 'every'> & { readonly processes: number },
  onReport: (report: SeedReport) => void,
): Promise<void> {
  const { processes, first, count, ...rest } = share;
  const shares = Array.from({ length: Math.min(processes, count) }, (_, index) => ({
    ...rest,
    first: first + index,
    every: processes,
    count: Math.ceil((count - index) / processes),
  }));
  await Promise.all(shares.map((one) => runProcess(one, onReport)));
}

async function runProcess(share: Share, onReport: (report: SeedReport) => void): Promise<void> {
  const child = spawn(process.execPath, [...SHARE_FLAGS, PROGRAM, JSON.stringify(share)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    onReport(JSON.parse(line) as SeedReport);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`a process of the simulation ended with ${code}`);
}
