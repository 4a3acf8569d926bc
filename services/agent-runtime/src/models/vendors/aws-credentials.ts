import type { Secret } from '@skynet/platform';
import { WrittenKey } from '../../secrets/written-key.js';

/** As the operator wrote them: themselves, or `secret://name`. */
export interface AwsKeys {
  readonly accessKeyId?: Secret;
  readonly secretAccessKey?: Secret;
  /** Of credentials that end after a while. */
  readonly sessionToken?: Secret;
  readonly region?: string;
}

/** What requests are signed with. */
export interface AwsSigning {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
}

interface Absent {
  /** As part of a sentence. */
  readonly absence: string;
}

/** In the name of its host. */
const REGION = /^https?:\/\/[a-z-]+\.([a-z0-9-]+)\.amazonaws\.com/;

export class AwsCredentials {
  private readonly accessKeyId: WrittenKey | undefined;
  private readonly secretAccessKey: WrittenKey | undefined;
  private readonly sessionToken: WrittenKey | undefined;

  constructor(
    private readonly keys: AwsKeys,
    secretsPath?: string,
  ) {
    const key = (secret: Secret | undefined) => secret && new WrittenKey(secret, secretsPath);
    this.accessKeyId = key(keys.accessKeyId);
    this.secretAccessKey = key(keys.secretAccessKey);
    this.sessionToken = key(keys.sessionToken);
  }

  /** Whether any is set, so that what is missing beside it is worth a word. */
  get isMeant(): boolean {
    return this.accessKeyId !== undefined || this.secretAccessKey !== undefined;
  }

  get region(): string | undefined {
    return this.keys.region;
  }

  /** Looked up anew each time. `url`: says the region where no setting does. */
  signing(url = ''): AwsSigning | Absent {
    const region = this.region ?? REGION.exec(url)?.[1];
    const accessKeyId = textOf('AWS_ACCESS_KEY_ID', this.accessKeyId);
    const secretAccessKey = textOf('AWS_SECRET_ACCESS_KEY', this.secretAccessKey);
    const sessionToken = this.sessionToken && textOf('AWS_SESSION_TOKEN', this.sessionToken);
    if (typeof accessKeyId === 'object') return accessKeyId;
    if (typeof secretAccessKey === 'object') return secretAccessKey;
    if (typeof sessionToken === 'object') return sessionToken;
    if (region === undefined) return { absence: 'AWS_REGION is not set' };
    return { accessKeyId, secretAccessKey, sessionToken, region };
  }
}

function textOf(name: string, key: WrittenKey | undefined): string | Absent {
  const text = key?.current();
  if (text === undefined) return { absence: `${name} is not set` };
  return typeof text === 'string' ? text : { absence: text.cause };
}
