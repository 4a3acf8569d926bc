import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { confirmCodePage, deviceDonePage, userCodePage } from './device-pages.js';
import { consentPage, loginPage, tellingPage } from './login-pages.js';
import type { Page } from './page.js';

const client = { id: 'app', name: 'App', destination: undefined, isVouchedFor: false };

const pages: readonly (readonly [string, Page])[] = [
  ['login', loginPage({ client, leadsTo: 'https://app.test' })],
  [
    'consent',
    consentPage({ client, user: 'a', scopes: ['agents:read'], withheld: [], staysLoggedIn: true }),
  ],
  ['what is told', tellingPage('Over', 'Start again.', 400)],
  ['a code to type', userCodePage('<form></form>', 'wrong')],
  ['a code to confirm', confirmCodePage('<form></form>', 'App', 'ABCD-EFGH')],
  ['the end', deviceDonePage()],
];

describe.each(pages)('the page of %s', (_which, { headers, body }) => {
  const policy = headers['content-security-policy'] ?? '';

  it('may show each style that is sent with it, by the hash of what is sent, and no other', () => {
    const sent = [...body.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)].map(([, text]) => text);
    const allowed = sent.map((text) => `'sha256-${hash('sha256', text ?? '', 'base64')}'`);
    expect(sent).toHaveLength(1);
    expect(policy.split('; ')).toContain(`style-src ${allowed.join(' ')}`);
  });

  it('has nothing else that the policy would keep out', () => {
    expect(body).not.toMatch(/<script|<link|<img|\sstyle=|\son\w+=/);
  });
});
