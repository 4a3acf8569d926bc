import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { defaultResource, resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import type { TracesSettings } from './traces-settings.js';

/** For the life of the process. */
const INSTANCE_ID = randomUUID();
const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

/** Who sends spans: the service, its process and its machine; what the environment says wins. */
export function processResource(
  service: string,
  { serviceName, resource }: Pick<TracesSettings, 'serviceName' | 'resource'>,
): Resource {
  const addresses = addressesOfHost();
  const hostId = hostIdOf();
  const own = resourceFromAttributes({
    'service.name': service,
    'service.namespace': 'skynet-mcp',
    'service.version': packageVersion(),
    'service.instance.id': INSTANCE_ID,
    'process.pid': process.pid,
    'host.name': hostname(),
    ...(hostId !== undefined && { 'host.id': hostId }),
    'host.ip': addresses,
    // Jaeger 1 takes clocks of processes for different unless this is the same; Jaeger 2 goes by `host.*`.
    ip: addresses[0],
    ...resource,
    ...(serviceName !== undefined && { 'service.name': serviceName }),
  });
  return defaultResource().merge(own);
}

/** All packages of the repository have one version. */
function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}

function hostIdOf(): string | undefined {
  for (const file of MACHINE_ID_FILES) {
    try {
      const id = readFileSync(file, 'utf8').trim();
      if (id !== '') return id;
    } catch {
      // Containers mostly have none.
    }
  }
  return undefined;
}

/** IPv4 first. */
function addressesOfHost(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((interfaces) => interfaces ?? [])
    .filter(({ internal, scopeid }) => !internal && (scopeid ?? 0) === 0)
    .toSorted((a, b) => a.family.localeCompare(b.family))
    .map(({ address }) => address);
  return addresses.length === 0 ? ['127.0.0.1'] : addresses;
}
