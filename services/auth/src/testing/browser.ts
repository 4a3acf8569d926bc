/** What a browser shows after it has followed all redirects. */
export interface Shown {
  readonly status: number;
  /** Where it is; for a redirect away from the server, where it was sent. */
  readonly url: URL;
  readonly text: string;
  readonly headers: Headers;
}

interface Cookie {
  readonly value: string;
  readonly path: string;
  readonly attributes: readonly string[];
}

const MOST_REDIRECTS = 10;

/** Enough of a browser for forms: keeps cookies by path, follows redirects, leaves when sent elsewhere. */
export class Browser {
  private readonly cookies = new Map<string, Cookie>();
  private at: URL;

  constructor(
    private readonly origin: string,
    private server: string,
  ) {
    this.at = new URL(origin);
  }

  /** From now on another replica answers. */
  moveTo(server: string): void {
    this.server = server;
  }

  open(path: string): Promise<Shown> {
    return this.go(new URL(path, this.origin));
  }

  /** Posts a form of the page that is shown, to that page. */
  submit(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Shown> {
    return this.go(this.at, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { origin: this.origin, ...headers },
    });
  }

  /** How the first cookie whose name begins like this was set. */
  attributesOf(prefix: string): readonly string[] {
    const [, cookie] = this.firstOf(prefix);
    return cookie.attributes;
  }

  /** What this browser has in such a cookie it sends from now on under the name of the other one's. */
  renameCookies(prefix: string, other: Browser): void {
    const [mine, cookie] = this.firstOf(prefix);
    const [theirs] = other.firstOf(prefix);
    this.cookies.delete(mine);
    this.cookies.set(theirs, cookie);
  }

  private firstOf(prefix: string): [string, Cookie] {
    const found = [...this.cookies].find(([name]) => name.startsWith(prefix));
    if (found === undefined) throw new Error(`no cookie ${prefix}`);
    return found;
  }

  private async go(to: URL, first: RequestInit = {}): Promise<Shown> {
    let [url, request] = [to, first];
    for (let hop = 0; hop < MOST_REDIRECTS; hop += 1) {
      this.at = url;
      const response = await fetch(`${this.server}${url.pathname}${url.search}`, {
        ...request,
        redirect: 'manual',
        headers: { accept: 'text/html', ...request.headers, cookie: this.cookieFor(url.pathname) },
      });
      this.keep(response.headers.getSetCookie());
      const location = response.headers.get('location');
      const { status, headers } = response;
      if (location === null) return { status, url, text: await response.text(), headers };
      url = new URL(location, url);
      if (url.origin !== this.origin) return { status, url, text: '', headers };
      request = {};
    }
    throw new Error(`too many redirects, last to ${url.href}`);
  }

  private cookieFor(path: string): string {
    return [...this.cookies]
      .filter(([, cookie]) => path.startsWith(cookie.path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  }

  private keep(setCookies: readonly string[]): void {
    for (const text of setCookies) {
      const [pair = '', ...attributes] = text.split('; ');
      const name = pair.slice(0, pair.indexOf('='));
      const path = attributes.find((each) => each.startsWith('path='))?.slice(5) ?? '/';
      this.cookies.set(name, { value: pair.slice(name.length + 1), path, attributes });
    }
  }
}
