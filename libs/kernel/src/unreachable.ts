/** Ends an exhaustive switch: fails to compile when a case is missing, throws when data lies about its type. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
