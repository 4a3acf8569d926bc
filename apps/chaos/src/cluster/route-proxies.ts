import { Gate } from './gate.js';
import { RouteProxy } from './route-proxy.js';

/**
 * How a server is cut off from the others: `apart` nothing passes, `deaf` it hears nothing of them, `mute` they hear
 * nothing of it, `reset` connections are reset, and new ones too. What does not pass is late, not lost, as with TCP.
 */
export const cuts = ['apart', 'deaf', 'mute', 'reset'] as const;
export type Cut = (typeof cuts)[number];

const muting: ReadonlySet<Cut> = new Set(['apart', 'mute']);
const deafening: ReadonlySet<Cut> = new Set(['apart', 'deaf']);

/** Where a server of the cluster takes the others. */
export interface RouteAddress {
  readonly name: string;
  /** `host:port` */
  readonly route: string;
}

interface Way {
  readonly from: string;
  readonly to: string;
  readonly gate: Gate;
}

interface Link {
  readonly from: string;
  readonly to: string;
  /** Of the server that is dialed. */
  readonly route: string;
  readonly proxy: RouteProxy;
}

/** A proxy for each server towards each other one: what they say to each other passes here, or does not. */
export class RouteProxies {
  private constructor(
    private readonly ways: readonly Way[],
    private readonly links: readonly Link[],
  ) {}

  static async between(servers: readonly RouteAddress[]): Promise<RouteProxies> {
    const pairs = servers.flatMap(({ name: from }) =>
      servers.flatMap(({ name: to, route }) => (from === to ? [] : [{ from, to, route }])),
    );
    const ways = pairs.map(({ from, to }) => ({ from, to, gate: new Gate() }));
    const gateOf = (from: string, to: string) =>
      ways.find((way) => way.from === from && way.to === to)?.gate ?? new Gate();
    const links = pairs.map(async ({ from, to, route }) => {
      const gates = { there: gateOf(from, to), back: gateOf(to, from) };
      return { from, to, route, proxy: await RouteProxy.listen(route, gates) };
    });
    return new RouteProxies(ways, await Promise.all(links));
  }

  /** Where a server is to dial the others, by where they take it. */
  addressesFor(from: string): ReadonlyMap<string, string> {
    const own = this.links.filter((link) => link.from === from);
    return new Map(own.map(({ route, proxy }) => [route, proxy.address]));
  }

  /** Ports of this machine by which what passes here is known to the servers. */
  get ports(): ReadonlySet<number> {
    return new Set(this.links.flatMap(({ proxy }) => proxy.ports));
  }

  /** Until `heal`. */
  cut(server: string, cut: Cut): void {
    for (const { proxy, from, to } of this.links) {
      if (cut === 'reset' && [from, to].includes(server)) proxy.refuse();
    }
    for (const { gate, from, to } of this.ways) {
      const [muted, deafened] = [from === server, to === server];
      if ((muted && muting.has(cut)) || (deafened && deafening.has(cut))) gate.shut();
    }
  }

  heal(): void {
    for (const { proxy } of this.links) proxy.accept();
    for (const { gate } of this.ways) gate.open();
  }

  close(): void {
    this.heal();
    for (const { proxy } of this.links) proxy.close();
  }
}
