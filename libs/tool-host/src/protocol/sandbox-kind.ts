/** What keeps a server from what is not its own: a sandbox of its own, the container of its host, or nothing. */
export const sandboxKinds = ['bubblewrap', 'container', 'none'] as const;
export type SandboxKind = (typeof sandboxKinds)[number];
