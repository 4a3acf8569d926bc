/**
 * Packages that want to run a program of theirs when they are installed, and whether they may. Nothing else runs; a
 * check fails when package-lock.json has one that is not named here.
 */
export const installScripts = {
  '@modelcontextprotocol/inspector': {
    runs: false,
    why: 'it does nothing but in its own checkout',
  },
  '@parcel/watcher': {
    runs: false,
    why: 'what it would compile comes as a package of the platform',
  },
  '@swc/core': {
    runs: false,
    why: 'it would fetch a slower replacement where no binary is locked',
  },
  nx: { runs: false, why: 'it keeps the client of a service up to date that is not used here' },
  protobufjs: { runs: false, why: 'it only warns of versions' },
};

/** Names of those that may. */
export const allowedScripts = Object.entries(installScripts).flatMap(([name, { runs }]) =>
  runs ? [name] : [],
);
