import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { checkRegistry } from '../registry/registry-check.js';
import { canChat, localModelId } from './local-registry.js';
import { findLocalServers, usualPorts, type LocalServer } from './local-servers.js';
import { renderModels, type ModelsFound, type TriedModel } from './models-view.js';
import { tryTools } from './tool-trial.js';

interface ModelsOptions {
  readonly registry?: string;
  readonly choose?: string;
  readonly try?: boolean;
  readonly json?: boolean;
}

export function addModels(program: Command, surroundings: Surroundings): void {
  program
    .command('models')
    .summary('find the models that run here, and say which one agents have by default')
    .description(
      'Asks the usual ports of Ollama, LM Studio, llama.cpp and vLLM on this machine, or those in SKYNET_MODEL_PORTS, and ' +
        'says which model agents have for which nobody names one, and what auto chooses among. Needs no stack. Exits with 1 when none that was tried ' +
        'calls tools.',
    )
    .option('--registry <file>', 'whose default counts (default: AGENT_RUNTIME_REGISTRY, if set)')
    .option('--try', 'ask each for one tiny tool call, which loads it: up to 120 s a model')
    .option('--choose <task>', 'say which model auto would choose for the task, and why')
    .option('--json', 'print JSON')
    .action((options: ModelsOptions) => surroundings.run(models(options, surroundings)));
}

async function models(options: ModelsOptions, { config, terminal }: Surroundings): Work {
  const { modelPorts: ports = usualPorts, environment } = config;
  const file = options.registry ?? environment['AGENT_RUNTIME_REGISTRY'];
  const [{ defaultModel, auto }, servers] = await Promise.all([
    checkRegistry(file === undefined || file === '' ? undefined : resolve(file), options.choose),
    findLocalServers(ports),
  ]);
  const tried: ModelsFound['servers'][number][] = [];
  for (const server of servers) {
    const trials = options.try === true ? await triedOneByOne(server) : untried(server);
    tried.push({ ...server, models: trials });
  }
  const found: ModelsFound = { defaultModel, auto, servers: tried };
  if (options.json === true) terminal.printJson(found);
  else renderModels(found, ports).forEach(terminal.print);
  const trials = tried.flatMap((server) => server.models.flatMap(({ tools }) => tools ?? []));
  const isPoor = trials.length > 0 && trials.every(({ verdict }) => verdict !== 'calls tools');
  return isPoor ? exitCodes.trouble : exitCodes.ok;
}

function untried({ name, models: ids }: LocalServer): TriedModel[] {
  return ids.map((id) => ({ id: localModelId(name, id) }));
}

/** Two models at a time may be more than the memory of this machine holds. */
async function triedOneByOne(server: LocalServer): Promise<TriedModel[]> {
  const tried: TriedModel[] = [];
  for (const model of server.models) {
    const id = localModelId(server.name, model);
    tried.push(canChat(model) ? { id, tools: await tryTools(server, model) } : { id });
  }
  return tried;
}
