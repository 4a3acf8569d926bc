import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';

const OWNER_ONLY = 0o600;

/**
 * Puts the id of this process into the file that says whose a folder is. Of those who do so at the same time one gets
 * it, also when they all find the file of a process that died.
 *
 * @returns undefined, or the process that has it
 */
export async function own(file: string): Promise<number | undefined> {
  const mine = `${file}.${randomUUID()}`;
  await writeFile(mine, `${process.pid}\n`, { mode: OWNER_ONLY });
  try {
    for (;;) {
      if (await placed(mine, file)) return undefined;
      const found = await textOf(file);
      if (found === undefined) continue;
      const owner = livingIn(found);
      if (owner !== undefined) return owner;
      if (await inherited(mine, file, found)) return undefined;
      const heir = livingIn((await textOf(heirOf(file))) ?? '');
      if (heir !== undefined) return heir;
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** The process that lives and has the file. */
export async function ownerOf(file: string): Promise<number | undefined> {
  return livingIn((await textOf(file)) ?? '');
}

/** Only who has the heir's place may replace the file, and only while it is still that of the one that died. */
async function inherited(mine: string, file: string, dead: string): Promise<boolean> {
  const heir = heirOf(file);
  if (!(await placed(mine, heir))) {
    // An heir that died in the middle of it leaves its place.
    if (livingIn((await textOf(heir)) ?? '') === undefined) await rm(heir, { force: true });
    return false;
  }
  try {
    if ((await textOf(file)) !== dead) return false;
    await rename(mine, file);
    return true;
  } finally {
    await rm(heir, { force: true });
  }
}

function heirOf(file: string): string {
  return `${file}.heir`;
}

const WITHOUT_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/** A link comes with its content, and never replaces another file. */
async function placed(mine: string, file: string): Promise<boolean> {
  try {
    await link(mine, file).catch((error: NodeJS.ErrnoException) => {
      if (!WITHOUT_LINKS.includes(error.code ?? '')) throw error;
      return copyFile(mine, file, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** The process of this id, when it lives. */
function livingIn(text: string): number | undefined {
  const pid = Number(text);
  return Number.isSafeInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
