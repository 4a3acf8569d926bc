import { GRANT_SEPARATOR, splitToolName } from '@skynet/contracts';

/** Whether a list of grants (`server__tool`, `server__*`) covers a tool or a narrower grant. */
export function isGranted(grants: readonly string[], wanted: string): boolean {
  if (grants.includes(wanted)) return true;
  const { server } = splitToolName(wanted);
  return grants.includes(`${server}${GRANT_SEPARATOR}*`);
}

/** Grants that the holder of `grants` can't hand on. */
export function grantsBeyond(grants: readonly string[], wanted: readonly string[]): string[] {
  return wanted.filter((grant) => !isGranted(grants, grant));
}
