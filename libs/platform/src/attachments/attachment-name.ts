const MAX_CHARS = 255;

/** The last part of a path, without what is not shown or would change how other text is. Undefined: nothing is left of it. */
export function attachmentName(said: string | undefined): string | undefined {
  const last = said?.split(/[\\/]/).findLast((part) => part.trim() !== '') ?? '';
  const shown = last.replace(/[\p{C}\p{Zl}\p{Zp}"<>]/gu, '').trim();
  const name = [...shown]
    .slice(0, MAX_CHARS / 2)
    .join('')
    .slice(0, MAX_CHARS)
    .toWellFormed();
  return /^\.*$/.test(name) ? undefined : name;
}
