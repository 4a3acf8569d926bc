import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RouteCertificates } from '@skynet/platform/operations';
import { makeFolder } from '../files/make-folder.js';

const DAYS = '3650';
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Whether there is an openssl that can make certificates. */
export async function hasOpenssl(): Promise<boolean> {
  return openssl('version').then(
    () => true,
    () => false,
  );
}

/**
 * Certificates that a server shows the others of its cluster, signed by an authority that knows nothing else. What is
 * there stays.
 *
 * @param secrets folder of the authority
 * @param folder of the server, where its files are put
 */
export async function makeRouteCertificates(
  secrets: string,
  folder: string,
  host: string,
): Promise<RouteCertificates> {
  const authority = await makeAuthority(secrets);
  const caFile = join(folder, 'routes-ca.pem');
  const certFile = join(folder, 'routes-cert.pem');
  const keyFile = join(folder, 'routes-key.pem');
  if (existsSync(certFile)) return { caFile, certFile, keyFile };
  await makeFolder(folder);
  const request = join(folder, 'routes.csr');
  const extensions = join(folder, 'routes.ext');
  const name = isIP(host) === 0 ? `DNS:${host}` : `IP:${host}`;
  const use = 'extendedKeyUsage=serverAuth,clientAuth';
  await writeFile(extensions, `subjectAltName=${name}\n${use}\n`, { mode: 0o600 });
  await openssl('req', ...KEY, '-keyout', keyFile, '-subj', `/CN=${host}`, '-out', request);
  await chmod(keyFile, 0o600);
  await openssl(
    ...['x509', '-req', '-in', request, '-days', DAYS, '-extfile', extensions],
    ...[
      '-CA',
      authority.certFile,
      '-CAkey',
      authority.keyFile,
      '-CAcreateserial',
      '-out',
      certFile,
    ],
  );
  await copyFile(authority.certFile, caFile);
  return { caFile, certFile, keyFile };
}

async function makeAuthority(secrets: string): Promise<Omit<RouteCertificates, 'caFile'>> {
  const certFile = join(secrets, 'routes-ca.pem');
  const keyFile = join(secrets, 'routes-ca-key.pem');
  if (existsSync(certFile)) return { certFile, keyFile };
  await makeFolder(secrets);
  const name = ['-subj', '/CN=skynet routes'];
  await openssl(
    'req',
    '-x509',
    ...KEY,
    '-keyout',
    keyFile,
    '-days',
    DAYS,
    ...name,
    '-out',
    certFile,
  );
  await chmod(keyFile, 0o600);
  return { certFile, keyFile };
}

async function openssl(...args: readonly string[]): Promise<void> {
  await promisify(execFile)('openssl', [...args]);
}
