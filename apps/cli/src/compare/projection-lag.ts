import { percentile } from '../bench/percentile.js';

const GAUGE = /^skynet_projection_lag_seconds(?:\{[^}]*\})? ([\d.e+-]+)/gm;
const EACH_MS = 250;
const MS_PER_SECOND = 1_000;

/** Watches how far views are behind the log while other work is done: the p99 of what the services tell, in ms. */
export async function lagWhile(
  metrics: Readonly<Record<string, string>>,
  work: () => Promise<unknown>,
): Promise<number | undefined> {
  const samples: number[] = [];
  const sample = async () => {
    const texts = await Promise.all(Object.values(metrics).map(textOf));
    samples.push(...texts.flatMap(lagsIn));
  };
  const underWay: Promise<void>[] = [];
  const timer = setInterval(() => underWay.push(sample()), EACH_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
    await Promise.all(underWay);
  }
  return samples.length === 0 ? undefined : percentile(samples, 0.99);
}

/** The lags, in ms, in a page of metrics. */
export function lagsIn(page: string): number[] {
  return [...page.matchAll(GAUGE)].map(([, seconds]) => Number(seconds) * MS_PER_SECOND);
}

async function textOf(url: string): Promise<string> {
  try {
    return await (await fetch(url)).text();
  } catch {
    // A service too busy to answer tells nothing this time.
    return '';
  }
}
