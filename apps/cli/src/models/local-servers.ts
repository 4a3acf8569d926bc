import { isObject, oneBody } from './bounded-body.js';

/** A server of models on this machine that speaks as OpenAI does. */
export interface LocalServer {
  /** Key of its entry in `providers` of a registry. */
  readonly name: string;
  /** Where its API begins. */
  readonly url: string;
  readonly models: readonly string[];
  /** Models that are not in the list: too many, or with names that can't be used. */
  readonly leftOut: number;
}

/** The ports of these programs unless they are told another one, in the order in which they count. */
const USUAL: readonly (readonly [port: number, name: string])[] = [
  [11_434, 'ollama'],
  [1_234, 'lmstudio'],
  [8_080, 'llamacpp'],
  [8_000, 'vllm'],
];
export const usualPorts: readonly number[] = USUAL.map(([port]) => port);

const LOOPBACK = '127.0.0.1';
const LOOK_MS = 300;
const MAX_BYTES = 256 * 1_024;
const MAX_MODELS = 20;
/** With prefix and endpoint it must fit into the name of a model that a spawn takes. */
const USABLE = /^[\x21-\x7e]{1,96}$/;

/** Asks all ports at once, by default 300 ms at most; who does not answer, or with something else than models, is not there. */
export async function findLocalServers(
  ports: readonly number[],
  withinMs = LOOK_MS,
): Promise<LocalServer[]> {
  // The first fetch of a process loads its parts, which on a busy machine takes longer than that.
  await fetch('data:,');
  const found = await Promise.all([...new Set(ports)].map((port) => lookAt(port, withinMs)));
  return found.flatMap((server) => server ?? []);
}

async function lookAt(port: number, withinMs: number): Promise<LocalServer | undefined> {
  const url = `http://${LOOPBACK}:${port}/v1`;
  try {
    const signal = AbortSignal.timeout(withinMs);
    const answer = await fetch(`${url}/models`, { signal, redirect: 'error' });
    const listed = answer.ok ? idsIn(JSON.parse(await oneBody(answer, MAX_BYTES))) : [];
    if (listed.length === 0) return undefined;
    const usable = listed.filter((id) => typeof id === 'string' && USABLE.test(id)) as string[];
    const models = [...new Set(usable)].slice(0, MAX_MODELS);
    return { name: nameOf(port), url, models, leftOut: listed.length - models.length };
  } catch {
    return undefined;
  }
}

function nameOf(port: number): string {
  const [, name = `local-${port}`] = USUAL.find(([usual]) => usual === port) ?? [];
  return name;
}

/** Names of the models in a list as OpenAI writes it, or as others do. */
function idsIn(answer: unknown): unknown[] {
  const list = isObject(answer) ? (answer['data'] ?? answer['models']) : answer;
  if (!Array.isArray(list)) return [];
  return list.map((each: unknown) =>
    isObject(each) ? (each['id'] ?? each['name'] ?? each['model']) : each,
  );
}
