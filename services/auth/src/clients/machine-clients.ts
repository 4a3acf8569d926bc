import type { ClientView, Role, Scope } from '@skynet/contracts';
import type { Client, ClientCommand } from '@skynet/domain-access';
import type { Clock, Origin } from '@skynet/platform';
import type {
  KnownPrincipal,
  PrincipalExecution,
  Principals,
  Request,
} from '../principals/principals.js';
import type { ClientOfFile } from './clients-file.js';
import type { ClientsOfFile } from './clients-of-file.js';

/** A client that logs in by a secret of its own. */
export interface MachineClient {
  readonly clientId: string;
  readonly tenant: string;
  readonly roles: readonly Role[];
  /** Absent: all that the roles allow. */
  readonly scopes?: readonly Scope[];
  readonly accessTokenTtlSeconds?: number;
  /** Of every secret that is good now. */
  readonly secretHashes: readonly string[];
  readonly disabled: boolean;
  /** Of the client's stream; absent when it stands in the file. */
  readonly revision?: number;
  readonly keptIn: 'log' | 'file';
}

export type ClientRequest = Request<ClientCommand>;

/** The programs among the principals: those of the log, and those of the operator's file, which comes first. */
export class MachineClients {
  constructor(
    private readonly principals: Principals,
    private readonly ofFile: ClientsOfFile,
    private readonly clock: Pick<Clock, 'nowMs'>,
  ) {}

  /** Also one that is disabled; never one that was removed. */
  async find(clientId: string): Promise<MachineClient | undefined> {
    const inFile = await this.ofFile.find(clientId);
    return inFile === undefined ? this.ofLog(this.principals.find(clientId)) : fromFile(inFile);
  }

  /** Undefined for one that may not log in. */
  async active(clientId: string): Promise<MachineClient | undefined> {
    const client = await this.find(clientId);
    return client?.disabled === true ? undefined : client;
  }

  /** In the order of their ids. */
  async list(tenant: string): Promise<readonly MachineClient[]> {
    const inFile = (await this.ofFile.list()).map(fromFile);
    const taken = new Set(inFile.map(({ clientId }) => clientId));
    const inLog = this.principals.all().flatMap((principal) => this.ofLog(principal) ?? []);
    return [...inFile, ...inLog.filter(({ clientId }) => !taken.has(clientId))]
      .filter((client) => client.tenant === tenant)
      .sort((a, b) => (a.clientId < b.clientId ? -1 : 1));
  }

  execute(clientId: string, request: ClientRequest, origin: Origin): Promise<PrincipalExecution> {
    return this.principals.execute(clientId, request, origin);
  }

  private ofLog(principal: KnownPrincipal | undefined): MachineClient | undefined {
    const client = principal?.client;
    if (client === undefined || client.removed) return undefined;
    return { ...this.fromLog(client), revision: principal?.revision };
  }

  private fromLog({ secretHash, oldSecret, removed: _, ...client }: Client): MachineClient {
    const isOldGood = oldSecret !== undefined && this.clock.nowMs() < oldSecret.untilMs;
    const secretHashes = isOldGood ? [secretHash, oldSecret.hash] : [secretHash];
    return { ...client, secretHashes, keptIn: 'log' };
  }
}

function fromFile({ secretHash, ...client }: ClientOfFile): MachineClient {
  return { ...client, secretHashes: [secretHash], disabled: false, keptIn: 'file' };
}

/** What may be shown of a client: no hash of a secret. */
export function clientView(
  client: Client | MachineClient,
  keptIn: ClientView['keptIn'],
): ClientView {
  const { clientId, tenant, roles, scopes, accessTokenTtlSeconds, disabled } = client;
  return {
    clientId,
    tenant,
    roles: [...roles],
    scopes: scopes && [...scopes],
    accessTokenTtlSeconds,
    disabled,
    keptIn,
  };
}
