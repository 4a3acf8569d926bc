import {
  awaitAll,
  childResults,
  listFolder,
  progress,
  readFile,
  resultsByTurn,
  spawn,
} from './conversation.mjs';

/**
 * @typedef {import('./conversation.mjs').Context} Context
 * @typedef {import('./conversation.mjs').Turn} Turn
 * @typedef {ReturnType<typeof resultsByTurn>[number]} Results
 * @typedef {{ folder: string, text: string }} Manifest
 */

const MOST_GROUPS = 10;
const SMALLEST_GROUP = 4;

/**
 * Finds the direct dependencies of a project and has a group of agents audit each part of them. Each turn reads what
 * the one before brought.
 *
 * @type {import('./conversation.mjs').Script}
 */
export default function audit(request, context) {
  const turns = resultsByTurn(request);
  const [located, opened, listed, read, spawned] = turns;
  if (located === undefined) return locate();
  const root = rootOf(located, context);
  if (opened === undefined) return { toolCalls: [readFile(`${root}/package.json`)] };
  const manifest = content(opened[0], context);
  const patterns = workspacesOf(manifest);
  if (listed === undefined) return listWorkspaces(root, patterns);
  const folders = workspaceFolders(root, patterns, listed);
  if (read === undefined) return readManifests(folders);
  const manifests = [{ folder: root, text: manifest }, ...readable(folders, read)];
  if (spawned === undefined) return spawnGroups(dependencies(root, manifests), context);
  return { text: JSON.stringify(joined(spawned)) };
}

/** @returns {Turn} */
function locate() {
  const allowed = { name: 'files__list_allowed_directories', arguments: {} };
  return { toolCalls: [progress('looking for the project'), allowed] };
}

/**
 * @param {Results} results
 * @param {Context} context
 */
function rootOf(results, context) {
  const [, root] = content(results[1], context).split('\n');
  return root ?? context.fail('the file server shows no folder');
}

/**
 * @param {Results[number] | undefined} result
 * @param {Context} context
 */
function content(result, context) {
  if (result === undefined || result.isError) return context.fail(result?.content ?? 'no answer');
  return result.content;
}

/**
 * @param {string} manifest
 * @returns {string[]}
 */
function workspacesOf(manifest) {
  const { workspaces = [] } = JSON.parse(manifest);
  return Array.isArray(workspaces) ? workspaces : (workspaces.packages ?? []);
}

/**
 * @param {string} root
 * @param {readonly string[]} patterns
 * @returns {Turn}
 */
function listWorkspaces(root, patterns) {
  const parents = patterns.filter((pattern) => pattern.endsWith('/*'));
  const lists = parents.map((pattern) => listFolder(`${root}/${pattern.slice(0, -2)}`));
  return { toolCalls: [progress('reading package.json files'), ...lists] };
}

/**
 * @param {string} root
 * @param {readonly string[]} patterns
 * @param {Results} listed
 */
function workspaceFolders(root, patterns, listed) {
  const exact = patterns.filter((pattern) => !pattern.includes('*'));
  const found = listed
    .filter(({ call, isError }) => call.name.endsWith('list_directory') && !isError)
    .flatMap(({ call, content: listing }) => {
      const { path } = JSON.parse(call.arguments);
      return [...listing.matchAll(/^\[DIR\] (.+)$/gm)].map(([, name]) => `${path}/${name}`);
    });
  return [...exact.map((folder) => `${root}/${folder}`), ...found];
}

/**
 * @param {readonly string[]} folders
 * @returns {Turn}
 */
function readManifests(folders) {
  const reads = folders.map((folder) => readFile(`${folder}/package.json`));
  return { toolCalls: [progress(`reading ${folders.length} workspaces`), ...reads] };
}

/**
 * @param {readonly string[]} folders
 * @param {Results} read
 * @returns {Manifest[]}
 */
function readable(folders, read) {
  const files = read.slice(1);
  return folders.flatMap((folder, index) => {
    const file = files[index];
    return file === undefined || file.isError ? [] : [{ folder, text: file.content }];
  });
}

/**
 * Every package that a manifest names and that is not one of the manifests itself, with the folders it may be in, nearest
 * first.
 *
 * @param {string} root
 * @param {readonly Manifest[]} manifests
 */
function dependencies(root, manifests) {
  /** @type {Map<string, Set<string>>} */
  const places = new Map();
  const parsed = manifests.map(({ folder, text }) => ({ folder, ...JSON.parse(text) }));
  const own = new Set(parsed.map(({ name }) => name));
  for (const { folder, dependencies: needed, devDependencies: tools } of parsed) {
    for (const name of Object.keys({ ...needed, ...tools })) {
      if (own.has(name)) continue;
      const known = places.get(name) ?? new Set();
      places.set(name, known.add(`${folder}/node_modules/${name}`));
    }
  }
  return [...places]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, folders]) => ({
      name,
      places: [...folders.add(`${root}/node_modules/${name}`)],
    }));
}

/**
 * @param {ReturnType<typeof dependencies>} packages
 * @param {Context} context
 * @returns {Turn}
 */
function spawnGroups(packages, context) {
  if (packages.length === 0) return context.fail('the project has no dependencies');
  const size = Math.max(SMALLEST_GROUP, Math.ceil(packages.length / MOST_GROUPS));
  const groups = Array.from({ length: Math.ceil(packages.length / size) }, (_, index) =>
    packages.slice(index * size, (index + 1) * size),
  );
  const spawns = groups.map((group) =>
    spawn({
      template: 'licence-group',
      description: `Audit ${group[0]?.name} to ${group.at(-1)?.name}`,
      context: { packages: group },
    }),
  );
  const note = progress(`${packages.length} packages in ${groups.length} groups`);
  return { toolCalls: [note, ...spawns, awaitAll] };
}

/** @param {Results} spawned */
function joined(spawned) {
  /** @type {object[]} */
  const packages = [];
  /** @type {{ task: string, reason: string }[]} */
  const failures = [];
  for (const { task, output, reason = 'no output' } of childResults(spawned)) {
    if (output === undefined) {
      failures.push({ task, reason });
      continue;
    }
    const below = JSON.parse(output);
    packages.push(...below.packages);
    failures.push(...below.failures);
  }
  return { packages, failures };
}
