import type { ToolServersAnswer, ToolServerView } from '@skynet/contracts';
import { oneLine } from '../screen/plain-text.js';

const WIDTH = 200;
const LONG_REASON = 1_000;

/** Each server with its state, its tools below it, and what is left out with the reason. */
export function renderToolServers({ servers, refused }: ToolServersAnswer): string[] {
  const lines = [
    ...servers.flatMap(renderServer),
    ...refused.map(({ name, reason }) => {
      return oneLine(`${name}  left out of the registry: ${reason}`, LONG_REASON);
    }),
  ];
  return lines.length === 0 ? ['no tool servers'] : lines;
}

function renderServer(server: ToolServerView): string[] {
  const { name, transport, recovery, tools, leftOut, toolCount } = server;
  const more = (toolCount ?? 0) - tools.length;
  return [
    oneLine(
      `${name}  ${transport}, ${stateText(server)}, ${isolationText(server)}${tenantsText(server)}${loginText(server)}recovery ${recovery}`,
      LONG_REASON,
    ),
    ...tools.map((tool) => {
      const own = tool.recovery === recovery ? '' : ` (recovery ${tool.recovery})`;
      return `  ${oneLine(`${tool.name}${own}  ${tool.description}`, WIDTH)}`;
    }),
    ...(more > 0 ? [`  … and ${more} more: skynet tools ${oneLine(name, WIDTH)}`] : []),
    ...leftOut.map(({ tool, reason }) => {
      return `  ${oneLine(`${tool}  left out: ${reason}`, LONG_REASON)}`;
    }),
  ];
}

function isolationText({ isolation, instances = 0 }: ToolServerView): string {
  if (isolation === undefined) return '';
  return `isolation ${isolation}${instances === 0 ? '' : ` (${instances} open)`}, `;
}

function loginText({ login }: ToolServerView): string {
  if (login === undefined) return '';
  if (login.isOver) return 'login over, ';
  const since = new Date(login.atMs).toISOString().slice(0, 16).replace('T', ' ');
  return `logged in at ${login.issuer} since ${since} UTC, `;
}

function tenantsText({ tenants }: ToolServerView): string {
  if (tenants === undefined) return '';
  return tenants.length === 0 ? 'for no tenant, ' : `only for ${tenants.join(' and ')}, `;
}

function stateText({ state, reason, toolCount, leftOut }: ToolServerView): string {
  if (state === 'failed') return `failed: ${reason ?? 'no reason'}`;
  const aside = leftOut.length === 0 ? '' : `, ${leftOut.length} left out`;
  if (toolCount === undefined) return `${state === 'idle' ? 'not started' : state}${aside}`;
  return `${state === 'idle' ? 'not connected' : state}, ${toolCount} tools${aside}`;
}
