/** Where answers to this user arrive: nobody else may listen there. */
export function inboxPrefixOf(user: string): string {
  return `_INBOX.${user}`;
}
