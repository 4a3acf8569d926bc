import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin'];
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The Chromium to run: SKYNET_CHROMIUM, which bootstrap sets, else the machine's; undefined when there is none. */
export function chromiumBinary(environment = process.env): string | undefined {
  const named = environment['SKYNET_CHROMIUM'];
  if (named) return named;
  return FOLDERS.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(existsSync);
}
