import { isDeepStrictEqual } from 'node:util';
import {
  BACKWARDS,
  END,
  jsonEvent,
  StreamNotFoundError,
  type AppendStreamState,
  type JSONType,
} from '@kurrent/kurrentdb-client';
import { KurrentConnection, type EventStoreDbOptions } from './kurrent-connection.js';

export interface InstallOptions extends EventStoreDbOptions {
  /** Login of the user that the services connect as; it must exist, and `url` must be an administrator's. */
  readonly serviceUser: string;
}

const ADMINS = '$admins';

/**
 * Lets only the service's user and administrators read and write streams, and only administrators delete them. True
 * when that was not so before. Safe to repeat. Access lists count only where the server runs with TLS and users.
 *
 * @throws WorldError when the server can't be reached or the credentials are no administrator's
 */
export async function installEventStoreDb(options: InstallOptions): Promise<boolean> {
  const connection = await KurrentConnection.open(options);
  try {
    const users = [options.serviceUser, ADMINS];
    const defaults = { $r: users, $w: users, $d: ADMINS, $mr: users, $mw: ADMINS };
    const system = { $r: ADMINS, $w: ADMINS, $d: ADMINS, $mr: ADMINS, $mw: ADMINS };
    const changes = [
      await set(connection, '$settings', 'update-default-acl', {
        $userStreamAcl: defaults,
        $systemStreamAcl: system,
      }),
      // The metadata of `$all`, which a user who is no administrator may not read otherwise.
      await set(connection, '$$$all', '$metadata', { $acl: { $r: users } }),
    ];
    return changes.includes(true);
  } finally {
    await connection.close();
  }
}

/** Appends the value unless it is what the stream ends with. */
async function set(
  connection: KurrentConnection,
  stream: string,
  type: string,
  data: JSONType,
): Promise<boolean> {
  const last = await connection.patiently(`read of ${stream}`, () => newest(connection, stream));
  if (isDeepStrictEqual(last.data, data)) return false;
  const { streamState } = last;
  await connection.patiently(`append to ${stream}`, () =>
    connection.appends.append(stream, [jsonEvent({ type, data })], { streamState }),
  );
  return true;
}

interface Newest {
  readonly data?: unknown;
  readonly streamState: AppendStreamState;
}

async function newest({ client }: KurrentConnection, stream: string): Promise<Newest> {
  const events = client.readStream(stream, {
    direction: BACKWARDS,
    fromRevision: END,
    maxCount: 1,
    requiresLeader: true,
  });
  try {
    for await (const { event } of events) {
      if (event) return { data: event.data, streamState: event.revision };
    }
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
  return { streamState: 'no_stream' };
}
