/** Whether two URLs name the same server: a slash or a fragment at the end makes no other one. */
export function isSameResource(one: string, other: string): boolean {
  const canonical = canonicalOf(one);
  return canonical !== undefined && canonical === canonicalOf(other);
}

function canonicalOf(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  url.hash = '';
  url.pathname = url.pathname.replace(/\/$/, '');
  return url.href;
}
