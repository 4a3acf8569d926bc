import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attributeNames } from '@skynet/platform';
import { InvalidArgumentError } from 'commander';
import { makeFolder } from '../files/make-folder.js';

const PLACE = '{agentId}';
const LINKED = [attributeNames.agentId, attributeNames.parentId, attributeNames.rootId];

/** URL of a page that shows an agent, with `{agentId}` in it. */
export function agentPage(text: string): string {
  const isUrl = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (isUrl && text.includes(PLACE)) return text;
  throw new InvalidArgumentError(`expected an http(s) URL with ${PLACE} in it`);
}

/** Part of the page that names of spans get at first; Jaeger's own quarter cuts those of agents off at the third level. */
const NAMES_WIDTH = '0.4';

/**
 * Jaeger 2 on one machine, with traces on its disk until they are old. JAEGER_FOLDER has these files, JAEGER_DATA is its
 * own. Ports are those of its image.
 */
const CONFIG = `service:
  extensions: [jaeger_storage, jaeger_query, healthcheckv2]
  pipelines:
    traces: { receivers: [otlp], processors: [batch], exporters: [jaeger_storage_exporter] }
extensions:
  healthcheckv2: { use_v2: true, http: { endpoint: '0.0.0.0:13133' } }
  jaeger_query:
    storage: { traces: disk }
    ui: { config_file: '\${env:JAEGER_FOLDER:-/setup}/ui.js' }
    http: { endpoint: '0.0.0.0:16686' }
    grpc: { endpoint: '0.0.0.0:16685' }
  jaeger_storage:
    backends:
      disk:
        badger:
          ephemeral: false
          directories: { keys: '\${env:JAEGER_DATA:-/data}/keys', values: '\${env:JAEGER_DATA:-/data}/values' }
          ttl: { spans: '\${env:JAEGER_KEEP:-168h}' }
receivers:
  otlp:
    protocols:
      grpc: { endpoint: '0.0.0.0:4317' }
      http: { endpoint: '0.0.0.0:4318' }
processors:
  batch: {}
exporters:
  jaeger_storage_exporter: { trace_storage: disk }
`;

/**
 * Writes the configuration of Jaeger, and what its pages run: ids of agents are links to their page, and names have room. Without a page ids lead to the
 * calls of clients about the agent, in Jaeger itself.
 */
export async function writeJaegerFiles(folder: string, page?: string): Promise<void> {
  const own = join(folder, 'jaeger');
  const linkPatterns = LINKED.map((key) => ({
    type: 'tags',
    key,
    url: page === undefined ? callsAbout(key) : page.replaceAll(PLACE, `#{${key}}`),
    text: page === undefined ? 'What clients did to this agent' : 'Open this agent',
  }));
  await makeFolder(own);
  await writeFile(join(own, 'config.yaml'), CONFIG);
  await writeFile(join(own, 'ui.js'), programOf({ linkPatterns }));
}

/** The page keeps a width that a person has chosen in its storage, and reads it from there before anything is drawn. */
function programOf(config: object): string {
  return `try {
  localStorage.spanNameColumnWidth ??= '${NAMES_WIDTH}';
} catch {
  // A browser that keeps nothing.
}
function UIConfig() {
  return ${JSON.stringify(config, undefined, 2)};
}
`;
}

function callsAbout(key: string): string {
  const tags = `%7B%22${attributeNames.agentId}%22%3A%22#{${key}}%22%7D`;
  return `/search?service=mcp-edge&tags=${tags}&lookback=2d&limit=100`;
}
