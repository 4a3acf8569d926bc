import type { Secret } from '../../runtime/secret.js';
import { WorldError } from '../../runtime/world-error.js';

const SHAPE = /^(kurrentdb|esdb)(\+discover)?:\/\/([^@/?#]+:[^@/?#]+@)?[^@/?#]+\/?(\?.*)?$/;
const DISCOVERY_PAUSE_MS = 20;
const OPTIONS = new Set(
  [
    'connectionName',
    'defaultDeadline',
    'discoveryInterval',
    'gossipTimeout',
    'keepAliveInterval',
    'keepAliveTimeout',
    'maxDiscoverAttempts',
    'nodePreference',
    'tls',
    'tlsCaFile',
    'tlsVerifyCert',
    'userCertFile',
    'userKeyFile',
  ].map((name) => name.toLowerCase()),
);

/**
 * The connection string as the client takes it. It is looked at here first because @kurrent/kurrentdb-client 1.3.1
 * prints a string with an unknown option, and puts one that it can't read into its error, password and all. `esdb://`
 * is the scheme's older name, which the client remarks upon at every start.
 *
 * @throws WorldError `retry: 'never'` that shows nothing of the string but names of options
 */
export function connectionText(url: Secret): string {
  const text = url.reveal();
  if (!SHAPE.test(text)) {
    throw new WorldError(
      'the address of EventStoreDB is not of the form kurrentdb://user:password@host:2113?tls=true',
      'never',
    );
  }
  const unknown = optionNames(text).filter((name) => !OPTIONS.has(name.toLowerCase()));
  if (unknown.length === 0) return withShortPause(text.replace(/^esdb/, 'kurrentdb'));
  const message = `the address of EventStoreDB has options that it does not know: ${unknown.join(', ')}`;
  throw new WorldError(message, 'never');
}

/** The client pauses before it looks for its server, half a second by default: the time that its first read takes. */
function withShortPause(text: string): string {
  if (optionNames(text).some((name) => name.toLowerCase() === 'discoveryinterval')) return text;
  return `${text}${text.includes('?') ? '&' : '?'}discoveryInterval=${DISCOVERY_PAUSE_MS}`;
}

function optionNames(text: string): string[] {
  const [, query = ''] = text.split('?');
  return query.split('&').flatMap((option) => option.split('=')[0] || []);
}
