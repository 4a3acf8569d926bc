import { hash } from 'node:crypto';
import { Html, html } from './html.js';

/** A page as it is sent. */
export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PageOptions {
  readonly title: string;
  readonly content: Html;
  /** Default: 200. */
  readonly status?: number;
  /** Where its form may lead in the end, beside this server. Browsers check redirects too. */
  readonly leadsTo?: string;
}

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;display:grid;place-items:center;min-height:100vh}
main{width:min(24rem,calc(100vw - 3rem));padding:1.5rem}
h1{font-size:1.4rem;margin:0 0 1rem}
label{display:block;margin:.8rem 0 .2rem}
input[type=text],input[type=password]{box-sizing:border-box;width:100%;font:inherit;padding:.5rem;text-transform:none}
button{font:inherit;padding:.5rem 1.2rem;margin:1.2rem .6rem 0 0;cursor:pointer}
ul{padding-left:1.2rem}
.wrong{border-left:.3rem solid #c33;padding-left:.7rem}
.quiet{opacity:.7;font-size:.9rem}
code{overflow-wrap:anywhere}`;
/** Whole, because the policy names the hash of every character between its tags. */
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);
const STYLE_HASH = hash('sha256', STYLE, 'base64');

/** A whole page that runs no script, is framed by nobody and is kept by no cache. */
export function page({ title, content, status = 200, leadsTo }: PageOptions): Page {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action 'self'${leadsTo === undefined ? '' : ` ${leadsTo}`}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – Skynet</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    },
    body: document.text,
  };
}

/** What a policy may name of a redirect URI: its origin, or the scheme of one that has none. */
export function formTarget(uri: string | undefined): string | undefined {
  const url = uri === undefined ? null : URL.parse(uri);
  if (url === null) return undefined;
  return url.origin === 'null' ? url.protocol : url.origin;
}
