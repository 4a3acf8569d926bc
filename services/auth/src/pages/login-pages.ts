import type { Scope } from '@skynet/contracts';
import type { Destination } from '../clients/redirects.js';
import { html, type Html } from './html.js';
import { page, type Page } from './page.js';

/** Who asks, and where the answer goes. */
export interface AskingClient {
  readonly id: string;
  readonly name?: string;
  /** Absent in the device flow, where nothing is redirected to. */
  readonly destination?: Destination;
  /** Whether the operator of this server knows the client, or it only says itself who it is. */
  readonly isVouchedFor: boolean;
}

export interface LoginQuestion {
  readonly client: AskingClient;
  /** What was typed before, and what was wrong with it. */
  readonly name?: string;
  readonly wrong?: string;
  readonly status?: number;
  readonly leadsTo?: string;
}

export function loginPage({ client, name, wrong, status, leadsTo }: LoginQuestion): Page {
  const content = html`<p>to go on to ${clientName(client)}.</p>
    ${wrong === undefined ? undefined : html`<p class="wrong" role="alert">${wrong}</p>`}
    <form method="post" autocomplete="on">
      <input type="hidden" name="action" value="login" />
      <label for="name">Name</label>
      <input
        id="name"
        name="name"
        type="text"
        value="${name ?? ''}"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        required
        autofocus
      />
      <label for="password">Password</label>
      <input
        id="password"
        name="password"
        type="password"
        autocomplete="current-password"
        required
      />
      <button type="submit">Log in</button>
    </form>
    ${cancelForm('Cancel')}`;
  return page({ title: 'Log in', content, status, leadsTo });
}

const MEANING: Readonly<Record<Scope, string>> = {
  'agents:read': 'see your agents, their results and their logs',
  'agents:spawn': 'start agents, which spend your budget',
  'agents:control': 'pause, resume, answer and terminate your agents',
  'agents:admin': 'administer: repair agents, manage users',
};

export interface ConsentQuestion {
  readonly client: AskingClient;
  readonly user: string;
  readonly scopes: readonly Scope[];
  /** Asked for, but more than the user may do himself. */
  readonly withheld: readonly Scope[];
  readonly staysLoggedIn: boolean;
  readonly leadsTo?: string;
}

export function consentPage(question: ConsentQuestion): Page {
  const { client, user, scopes, withheld, staysLoggedIn, leadsTo } = question;
  const content = html`<p>${clientName(client)} wants to act for you, <strong>${user}</strong>:</p>
    <ul>
      ${scopes.map((scope) => html`<li>${MEANING[scope]} <span class="quiet">(${scope})</span></li>`)}
    </ul>
    ${withheld.length === 0 ? undefined : html`<p class="quiet">It also asked for ${withheld.join(', ')}, which your roles do not allow.</p>`}
    ${staysLoggedIn ? html`<p class="quiet">It may stay logged in without asking you again.</p>` : undefined}
    ${whereTo(client)}
    <form method="post">
      <input type="hidden" name="action" value="allow" />
      <button type="submit">Allow</button>
    </form>
    ${cancelForm('Deny')}`;
  return page({ title: 'Allow access?', content, leadsTo });
}

function whereTo({ destination }: AskingClient): Html | undefined {
  switch (destination?.kind) {
    case undefined:
      return undefined;
    case 'web':
      return html`<p>Access goes to <code>${destination.host}</code>.</p>`;
    case 'loopback':
      return html`<p>
        Access goes to <code>${destination.host}</code>. That is a program on this computer: allow
        it only if you have just started it.
      </p>`;
    case 'own-scheme':
      return html`<p>
        Access goes to the program on this computer that opens
        <code>${destination.scheme}:</code> links. Any program can claim to be the one: allow it
        only if you have just asked for it there, and deny it if your browser wants to open
        something else.
      </p>`;
  }
}

function clientName({ id, name, isVouchedFor }: AskingClient): Html {
  if (isVouchedFor) return html`<strong>${name ?? id}</strong>`;
  const claimed = html`a program that calls itself <strong>${name ?? id}</strong>`;
  return name === undefined
    ? claimed
    : html`${claimed} <span class="quiet">(<code>${id}</code>)</span>`;
}

function cancelForm(label: string): Html {
  return html`<form method="post">
    <input type="hidden" name="action" value="cancel" />
    <button type="submit" class="quiet">${label}</button>
  </form>`;
}

/** Something that can only be told, with what to do next. */
export function tellingPage(title: string, text: string, status = 200): Page {
  return page({ title, content: html`<p>${text}</p>`, status });
}
