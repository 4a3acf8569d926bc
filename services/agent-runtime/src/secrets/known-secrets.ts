/** Shorter ones stand in many a text by chance. */
const SHORTEST = 8;
/** Of values that change, of each owner: those of a renewal or two. */
const KEPT_EACH = 6;
const IN_PLACE = '***';
/** What a key is called where it stands. */
const NAME_OF_SECRET = /key|token|secret|passw|credential|authorization|cookie/i;
const ENDS_LIKE_SECRET = /(?:key|token|secret|password|passwd|credentials?)$/i;
const REFERENCE = 'secret://';
const SCHEME = /^(?:bearer|basic|token)\s+/i;

/** Keys by their looks, and what follows the name of a header that holds one. Each looks only so far for the digit of a key: a text may be full of beginnings. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\bsk-(?=[\w-]{0,99}\d)[\w-]{16,}/g, IN_PLACE],
  [/\b(?:gh[opsu]|github_pat|xox[abeprs]|glpat)[_-](?=[\w-]{0,99}\d)[\w-]{16,}/g, IN_PLACE],
  [/\b(bearer\s+)(?=[\w.~+/-]*\d)[\w.~+/=-]{8,}/gi, `$1${IN_PLACE}`],
  [
    /\b((?:proxy-)?authorization|x-api-key|(?:set-)?cookie)(\\*["']?\s*[:=]\s*\\*["']?)(?:(?:bearer|basic|token)\s+)?[^\s"',;\\]+/gi,
    `$1$2${IN_PLACE}`,
  ],
];

interface WithServers {
  readonly servers: Readonly<
    Record<
      string,
      {
        readonly env?: Readonly<Record<string, string>>;
        readonly headers?: Readonly<Record<string, string>>;
      }
    >
  >;
  readonly providers?: Readonly<
    Record<
      string,
      { readonly apiKey?: string; readonly headers?: Readonly<Record<string, string>> }
    >
  >;
  readonly secrets: readonly { readonly value: { reveal(): string } }[];
}

/** Cuts secrets out of texts of others, however they are encoded: every value that it was told, and the newest of those that change. */
export class KnownSecrets {
  private readonly values = new Set<string>();
  /** By owner, the newest last. */
  private readonly changing = new Map<string, readonly string[]>();
  private forms: RegExp | undefined;
  /** Characters of the longest form. */
  private longest = 0;

  know(values: Iterable<string>): void {
    const { size } = this.values;
    for (const each of textsOf(values)) this.values.add(each);
    if (this.values.size !== size) this.prepare();
  }

  /** Values that change, as tokens do: of each owner the newest six stay known, and those given last. */
  knowFor(owner: string, values: readonly string[]): void {
    const before = this.changing.get(owner) ?? [];
    const given = new Set(values);
    const all = [...before.filter((value) => !given.has(value)), ...given];
    const kept = all.slice(-Math.max(KEPT_EACH, given.size));
    this.changing.set(owner, kept);
    const isSame = kept.length === before.length && kept.every((value) => before.includes(value));
    if (!isSame) this.prepare();
  }

  /** What the entries of a registry got, as far as it is secret by its origin or its name. */
  knowRegistry({ servers, providers = {}, secrets }: WithServers): void {
    this.know(secrets.map(({ value }) => value.reveal()));
    for (const { env = {}, headers = {} } of Object.values(servers)) {
      this.know(valuesOf({ ...env, ...headers }, NAME_OF_SECRET));
    }
    for (const { apiKey, headers = {} } of Object.values(providers)) {
      this.know(valuesOf({ ...headers, apiKey }, NAME_OF_SECRET));
    }
  }

  /** Variables that are called like secrets: entries may hold them in any place. */
  knowEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
    this.know(valuesOf(environment, ENDS_LIKE_SECRET));
  }

  /** The text without the values; what only looks like a key stays. */
  cutKnown(text: string): string {
    return this.forms === undefined ? text : text.replace(this.forms, IN_PLACE);
  }

  /** The beginning of what `cutKnown` gives, `chars` long at most; looks at little more than that. A value that its end divides is gone as well. */
  cutStart(text: string, chars: number): string {
    const start = text.slice(0, chars + this.longest);
    const cut = this.cutKnown(start);
    if (start.length === text.length) return cut.slice(0, chars);
    return cut.slice(0, Math.min(chars, Math.max(0, cut.length - this.longest)));
  }

  /** The text without the values, and without what looks like a key or stands in a header that holds one. */
  cut(text: string): string {
    return PATTERNS.reduce((cut, [pattern, by]) => cut.replace(pattern, by), this.cutKnown(text));
  }

  private prepare(): void {
    const values = new Set([...this.values, ...textsOf([...this.changing.values()].flat())]);
    const forms = [...values].flatMap(formsOf);
    this.forms = forms.length === 0 ? undefined : patternOf(forms);
    this.longest = forms.reduce((longest, { length }) => Math.max(longest, length), 0);
  }
}

function textsOf(values: Iterable<string>): string[] {
  return [...values]
    .map((value) => value.trim())
    .flatMap((value) => [value, value.replace(SCHEME, '')])
    .filter(({ length }) => length >= SHORTEST);
}

function valuesOf(named: Readonly<Record<string, string | undefined>>, names: RegExp): string[] {
  return Object.entries(named).flatMap(([name, value]) =>
    value !== undefined && names.test(name) && !value.startsWith(REFERENCE) ? [value] : [],
  );
}

/** How the value may stand in a text. */
function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const url = encodeURIComponent(value.toWellFormed());
  const form = new URLSearchParams([['', value]]).toString().slice(1);
  const inUrl = [url, form].flatMap((text) => [
    text,
    text.replace(/%../g, (hex) => hex.toLowerCase()),
  ]);
  const html = value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const quoted = html.replace(/"/g, '&quot;');
  return [
    value,
    json,
    JSON.stringify(json).slice(1, -1),
    ...inUrl,
    html,
    quoted,
    ...base64Of(value),
  ];
}

/** Wherever it begins within what was encoded: of the first and last characters only those that are all its own. */
function base64Of(value: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const whole = bytes.toString('base64').replace(/=+$/, '');
    const end = bytes.length % 3 === 0 ? whole.length : whole.length - 1;
    const own = whole.slice(Math.ceil((before * 4) / 3), end);
    const isLong = own.length >= SHORTEST;
    return isLong ? [own, own.replaceAll('+', '-').replaceAll('/', '_')] : [];
  });
}

/** Longer ones first: one may begin with another. */
function patternOf(forms: readonly string[]): RegExp {
  const sorted = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return new RegExp(
    sorted.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'g',
  );
}
