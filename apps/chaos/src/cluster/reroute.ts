const LISTEN = /^cluster \{[^}]*?^\s*listen: "([^"]+)"/m;
const ROUTE = /(?<=@)[^@"]+(?=")/g;
/** Nobody listens there. Servers tell each other where the others are, and would go past what stands between them. */
const NOWHERE = '127.0.0.1:1';

/** Where the server of this configuration takes the other ones, `host:port`. @throws Error when it is none of a cluster */
export function routeIn(configuration: string): string {
  const [, route] = LISTEN.exec(configuration) ?? [];
  if (route === undefined) throw new Error('a configuration without a cluster');
  return route;
}

/** The configuration with other addresses of the other servers, by those that stand there. */
export function rerouted(configuration: string, addresses: ReadonlyMap<string, string>): string {
  const listen = `listen: "${routeIn(configuration)}"`;
  return configuration
    .replace(ROUTE, (route) => addresses.get(route) ?? route)
    .replace(listen, `${listen}\n  advertise: "${NOWHERE}"`);
}
