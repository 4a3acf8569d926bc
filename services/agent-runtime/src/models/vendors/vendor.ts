import type { LanguageModelV4, SharedV4ProviderOptions } from '@ai-sdk/provider';
import type { VendorKey } from '../../config/agent-runtime.config.js';
import type { AwsSigning } from './aws-credentials.js';
import type { AnswerBounds } from '../wire/bounded-fetch.js';
import type { StrictRules } from '../wire/strict-schema.js';

/** Where and how a vendor is reached. */
export interface Reach {
  readonly baseURL: string;
  /** Absent only of an endpoint that asks for none. */
  readonly apiKey: string | undefined;
  /** Requests are signed in place of a key. */
  readonly signing?: AwsSigning;
  readonly fetch: typeof fetch;
  readonly headers: Readonly<Record<string, string>>;
}

export type MakeModel = (reach: Reach, model: string) => LanguageModelV4;

/** What one vendor has of its own. */
export interface Vendor {
  readonly prefix: string;
  /** Setting with its key, as a caller is told. */
  readonly keyName: VendorKey;
  /** Absent where each account has a URL of its own: then the registry names it. */
  readonly url?: string;
  /** Where each region of AWS has a URL of its own; requests to it may be signed. */
  readonly urlIn?: (region: string) => string;
  /** Loads the package, which takes a while the first time. */
  readonly load: () => Promise<MakeModel>;
  /** Whether a model takes images, as far as its name tells. */
  readonly sees: (model: string) => boolean;
  /** Results of tools are texts only there: images follow in a message of their own. Default: false. */
  readonly hasTextResults?: boolean;
  /** Sent with each request. */
  readonly options?: SharedV4ProviderOptions;
  /** Ids of calls as it takes them. Default: as they are. */
  readonly callId?: (id: string) => string;
  /** Calls of earlier turns are left out where no tools are on offer: so these are named. Default: false. */
  readonly namesOldTools?: boolean;
  /** How strict tools are written there. Default: all is required, and null stands for what is left out. */
  readonly strict?: StrictRules;
  /** Of its answers. Default: those of streams of server-sent events. */
  readonly bounds?: AnswerBounds;
}
