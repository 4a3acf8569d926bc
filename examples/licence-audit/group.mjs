import {
  awaitAll,
  childResults,
  contextOf,
  progress,
  resultsByTurn,
  spawn,
} from './conversation.mjs';

/**
 * Has one agent look at each package of its group, and joins what they found.
 *
 * @type {import('./conversation.mjs').Script}
 */
export default function auditGroup(request) {
  const [spawned] = resultsByTurn(request);
  if (spawned === undefined) {
    const { packages } = /** @type {{ packages: { name: string, places: string[] }[] }} */ (
      contextOf(request)
    );
    const spawns = packages.map((one) =>
      spawn({ template: 'licence-package', description: `Audit ${one.name}`, context: one }),
    );
    return { toolCalls: [progress(`${packages.length} packages`), ...spawns, awaitAll] };
  }
  const results = childResults(spawned);
  const packages = results.flatMap(({ output }) =>
    output === undefined ? [] : [JSON.parse(output)],
  );
  const failures = results.flatMap(({ task, output, reason = 'no output' }) =>
    output === undefined ? [{ task, reason }] : [],
  );
  return { text: JSON.stringify({ packages, failures }) };
}
