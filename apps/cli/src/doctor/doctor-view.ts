/** What `doctor` found. */
export interface Checkup {
  readonly node: { readonly version: string; readonly file: string };
  /** Absent when there is none. */
  readonly natsServer:
    { readonly file: string; readonly version: string; readonly isSupported: boolean } | undefined;
  readonly data: {
    readonly folder: string;
    readonly exists: boolean;
    /** Newest minor version of nats-server that wrote it. */
    readonly writtenBy: string | undefined;
    readonly freeBytes: number;
  };
  /** Both absent when no stack runs in the folder. */
  readonly stack: { readonly pid: number | undefined; readonly health: string | undefined };
  /** What is not as it must be. */
  readonly troubles: readonly string[];
}

const GIB = 1_024 ** 3;

export function renderCheckup({ node, natsServer, data, stack, troubles }: Checkup): string[] {
  const support = natsServer?.isSupported === true ? 'supported' : 'no support, open advisories';
  const written =
    data.writtenBy === undefined ? 'not written yet' : `of nats-server ${data.writtenBy}`;
  return [
    `node         ${node.version}, ${node.file}`,
    natsServer === undefined
      ? 'nats-server  none'
      : `nats-server  ${natsServer.version}, ${support}, ${natsServer.file}`,
    `data         ${data.folder}, ${data.exists ? written : 'not there yet'}`,
    `free disk    ${(data.freeBytes / GIB).toFixed(1)} GiB`,
    stack.pid === undefined
      ? 'stack        does not run'
      : `stack        process ${stack.pid}, ${stack.health ?? ''}`,
    ...troubles.map((trouble) => `trouble: ${trouble}`),
  ];
}
