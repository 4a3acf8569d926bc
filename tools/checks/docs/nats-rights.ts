import {
  natsUsers,
  permissionsOf,
} from '../../../libs/platform/src/deployment/service-permissions.js';

const services = natsUsers.filter((user) => user !== 'operator');

/** The page that shows who may publish and subscribe what on NATS, made from the permissions themselves. */
export function natsRightsPage(): string {
  const rights = services.map((user) => ({ user, ...permissionsOf(user) }));
  const subjects = new Set(rights.flatMap(({ publish, subscribe }) => [...publish, ...subscribe]));
  const rows = [...subjects].sort().map((subject) => {
    const cells = rights.map(({ publish, subscribe }) =>
      [publish.includes(subject) && 'pub', subscribe.includes(subject) && 'sub']
        .filter((word) => word !== false)
        .join(' '),
    );
    return `| \`${subject}\` | ${cells.join(' | ')} |`;
  });
  return [
    '# Rights on NATS',
    '',
    'Made from `libs/platform/src/deployment/service-permissions.ts`; `WRITE_DOCS=1 npm test -- nats-rights` writes it anew. `pub`: may',
    'publish, `sub`: may subscribe. What is not here is refused; the key `operator` may do all. Each right that a service has not is',
    'tried with its key in `service-rights.int.spec.ts`.',
    '',
    `| subject | ${services.join(' | ')} |`,
    `|---|${services.map(() => '---|').join('')}`,
    ...rows,
    '',
  ].join('\n');
}
