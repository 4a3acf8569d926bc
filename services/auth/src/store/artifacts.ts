import { hash } from 'node:crypto';
import { buckets, MAX_LOGIN_SECONDS } from '@skynet/contracts';
import {
  StateConflictError,
  type Clock,
  type StateStore,
  type StateStores,
} from '@skynet/platform';
import { errors, type AdapterPayload } from 'oidc-provider';
import type { Revocations } from '../revocation/revocations.js';

/** What the OAuth server remembers: grants, refresh tokens and registered clients; shared by all replicas. */
export const LASTING_ARTIFACTS = buckets.logins.bucket;
/** Codes and remembered browsers. */
export const BRIEF_ARTIFACTS = buckets.briefLogins.bucket;
/** What anybody may cause without a login. */
export const STRANGERS_ARTIFACTS = buckets.strangers.bucket;

export interface ArtifactRow {
  readonly payload: AdapterPayload;
  readonly expiresAtMs?: number;
}

const LASTING: ReadonlySet<string> = new Set(['Grant', 'RefreshToken', 'Client']);
const OF_STRANGERS: ReadonlySet<string> = new Set(['Interaction', 'DeviceCode']);
/** Whoever holds the id holds the thing, and nothing but the id finds it: the id itself is not stored. */
const BEARER: ReadonlySet<string> = new Set(['RefreshToken', 'AuthorizationCode']);

/** What all kinds of artifacts share. */
export interface ArtifactsDependencies {
  /** Where marks of revoked grants are. */
  readonly lasting: StateStore<ArtifactRow>;
  readonly revocations: Pick<Revocations, 'ofGrant'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Rows of one kind of artifact, found by id, by session or by user code. */
export class Artifacts {
  constructor(
    private readonly kind: string,
    private readonly rows: StateStore<ArtifactRow>,
    private readonly shared: ArtifactsDependencies,
  ) {}

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const expiresAtMs =
      expiresIn === undefined ? undefined : this.shared.clock.nowMs() + expiresIn * 1_000;
    const { jti, ...rest } = plain(payload);
    const row = { payload: this.isBearer ? rest : { ...rest, jti }, expiresAtMs };
    await this.rows.put(this.keyOf(id), row);
    const pointer = { payload: { jti: id }, expiresAtMs };
    for (const way of this.waysTo(payload)) await this.rows.put(this.keyOf(way), pointer);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return (await this.entry(id))?.payload;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.findBy(`uid:${uid}`);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.findBy(`code:${userCode}`);
  }

  /** Whose it is or was: of what is void too, as long as it is stored. */
  async loginOf(id: string): Promise<{ login?: string; user?: string } | undefined> {
    const { payload } = (await this.rows.get(this.keyOf(id)))?.value ?? {};
    return payload && { login: payload.grantId, user: payload.accountId };
  }

  /**
   * Marks as used, once.
   *
   * @throws InvalidGrant when somebody else was faster; then all that came of the same grant is void
   */
  async consume(id: string): Promise<void> {
    const found = await this.entry(id);
    if (found === undefined) return;
    const { payload, expiresAtMs, revision } = found;
    const { jti, ...rest } = payload;
    const consumed = Math.floor(this.shared.clock.nowMs() / 1_000);
    const used = { ...(this.isBearer ? rest : { ...rest, jti }), consumed };
    try {
      if (payload['consumed'] !== undefined) throw new StateConflictError(this.kind, 'used');
      await this.rows.put(this.keyOf(id), { payload: plain(used), expiresAtMs }, revision);
    } catch (error) {
      if (!(error instanceof StateConflictError)) throw error;
      if (payload.grantId !== undefined) await this.revokeByGrantId(payload.grantId);
      throw new errors.InvalidGrant('used by somebody else at the same time');
    }
  }

  async destroy(id: string): Promise<void> {
    await this.rows.delete(this.keyOf(id));
  }

  /** One mark for all of them, so that one that is just being made is void too; access tokens of it as well. */
  async revokeByGrantId(grantId: string): Promise<void> {
    const expiresAtMs = this.shared.clock.nowMs() + MAX_LOGIN_SECONDS * 1_000;
    await this.shared.lasting.put(revokedKey(grantId), { payload: {}, expiresAtMs });
    await this.shared.revocations.ofGrant(grantId);
  }

  private async findBy(way: string): Promise<AdapterPayload | undefined> {
    const pointer = await this.rows.get(this.keyOf(way));
    const id = pointer?.value.payload.jti;
    return id === undefined ? undefined : this.find(id);
  }

  private async entry(id: string): Promise<(ArtifactRow & { revision: number }) | undefined> {
    const entry = await this.rows.get(this.keyOf(id));
    if (entry === undefined) return undefined;
    const { payload, expiresAtMs = Infinity } = entry.value;
    if (expiresAtMs <= this.shared.clock.nowMs()) return undefined;
    const { grantId } = payload;
    const isVoid = grantId !== undefined && (await this.shared.lasting.get(revokedKey(grantId)));
    if (isVoid) return undefined;
    const { revision, value } = entry;
    return { ...value, payload: this.isBearer ? { ...payload, jti: id } : payload, revision };
  }

  private waysTo({ uid, userCode }: AdapterPayload): readonly string[] {
    if (this.kind === 'Session' && uid !== undefined) return [`uid:${uid}`];
    return userCode === undefined ? [] : [`code:${userCode}`];
  }

  private get isBearer(): boolean {
    return BEARER.has(this.kind);
  }

  private keyOf(id: string): string {
    return `${this.kind}/${hash('sha256', id, 'hex')}`;
  }
}

/** Opens the artifacts of each kind that the OAuth server asks for. */
export async function openArtifacts(
  stores: StateStores,
  revocations: Pick<Revocations, 'ofGrant'>,
  clock: Pick<Clock, 'nowMs'>,
): Promise<(kind: string) => Artifacts> {
  const lasting = await stores.open<ArtifactRow>(LASTING_ARTIFACTS, buckets.logins);
  const brief = await stores.open<ArtifactRow>(BRIEF_ARTIFACTS, buckets.briefLogins);
  const shared = { lasting, revocations, clock };
  const ofStrangers = await stores.open<ArtifactRow>(STRANGERS_ARTIFACTS, buckets.strangers);
  const rowsOf = (kind: string) => {
    if (LASTING.has(kind)) return lasting;
    return OF_STRANGERS.has(kind) ? ofStrangers : brief;
  };
  return (kind) => new Artifacts(kind, rowsOf(kind), shared);
}

function revokedKey(grantId: string): string {
  return `revoked/${hash('sha256', grantId, 'hex')}`;
}

/** As the store keeps it: without what is undefined. */
function plain(payload: AdapterPayload): AdapterPayload {
  return JSON.parse(JSON.stringify(payload)) as AdapterPayload;
}
