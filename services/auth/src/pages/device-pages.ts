import { Html, html } from './html.js';
import { tellingPage } from './login-pages.js';
import { page, type Page } from './page.js';

/** `form` is the library's own, with its token against forgery; its button is ours. */
export function userCodePage(form: string, wrong: string | undefined): Page {
  const content = html`<p>Type the code that the program shows you.</p>
    ${wrong === undefined ? undefined : html`<p class="wrong" role="alert">${wrong}</p>`}
    ${new Html(form)}
    <button type="submit" form="op.deviceInputForm">Next</button>`;
  return page({ title: 'Log in a program', content });
}

export function confirmCodePage(form: string, client: string, userCode: string): Page {
  const content = html`<p>
      <strong>${client}</strong> wants to log in. Go on only if it shows this code, and if you have
      just started it:
    </p>
    <p><code>${userCode}</code></p>
    ${new Html(form)}
    <button type="submit" form="op.deviceConfirmForm">The code is the same</button>
    <button type="submit" form="op.deviceConfirmForm" name="abort" value="yes" class="quiet">
      Cancel
    </button>`;
  return page({ title: 'Compare the code', content });
}

export function deviceDonePage(): Page {
  return tellingPage('Done', 'The program is logged in. You can close this page.');
}
