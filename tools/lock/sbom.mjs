/**
 * Prints what runs in production as CycloneDX: every package of package-lock.json that is not for development alone,
 * with its hash, licence and what it depends on. The same lock gives the same file. `npm sbom` leaves out most of what
 * only projects of the workspace depend on.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const file = resolve(import.meta.dirname, '../../package-lock.json');
const text = readFileSync(file, 'utf8');
const { name, version, packages } = JSON.parse(text);

const isOurs = ([place, { link }]) => !place.includes('node_modules/') && !link;
const isInstalled = ([place, { dev, link }]) => place.includes('node_modules/') && !dev && !link;
const libraries = Object.entries(packages).filter(isInstalled);
const own = Object.entries(packages).filter(isOurs);

// Whoever read it, `head` for example, has had enough; anything else is an error of whoever writes.
process.stdout.on('error', ({ code, message }) => {
  if (code !== 'EPIPE') process.stderr.write(`${message}\n`);
  process.exit(code === 'EPIPE' ? 0 : 1);
});
process.stdout.write(`${JSON.stringify(bom(), undefined, 2)}\n`);

function bom() {
  const root = { 'bom-ref': name, type: 'application', name, version };
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: serialNumber(),
    version: 1,
    metadata: { component: root },
    components: sorted(libraries.map(component), 'bom-ref'),
    dependencies: sorted(
      [
        { ref: name, dependsOn: unique(own.flatMap(([place, its]) => dependsOn(place, its))) },
        ...libraries.map(([place, its]) => ({
          ref: refOf(place, its),
          dependsOn: dependsOn(place, its),
        })),
      ],
      'ref',
    ),
  };
}

function component([place, its]) {
  const purl = refOf(place, its);
  return {
    'bom-ref': purl,
    type: 'library',
    name: nameOf(place, its),
    version: its.version,
    scope: its.optional ? 'optional' : 'required',
    ...(its.integrity && { hashes: [hashOf(its.integrity)] }),
    ...(its.license && { licenses: [licence(its.license)] }),
    purl,
  };
}

/** The packages that it finds from its place, as Node does. */
function dependsOn(place, { dependencies = {}, optionalDependencies = {} }) {
  const names = Object.keys({ ...dependencies, ...optionalDependencies });
  return unique(
    names.flatMap((each) => {
      const found = foundFrom(place, each);
      return found && isInstalled([found, packages[found]]) ? refOf(found, packages[found]) : [];
    }),
  );
}

function foundFrom(place, each) {
  for (let from = place; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/')))) {
    const candidate = `${from === '' ? '' : `${from}/`}node_modules/${each}`;
    if (packages[candidate]) return candidate;
    if (from === '') return undefined;
  }
}

function refOf(place, its) {
  return `pkg:npm/${nameOf(place, its).replace('@', '%40')}@${its.version}`;
}

function nameOf(place, its) {
  return its.name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function hashOf(integrity) {
  const [algorithm, base64] = integrity.split(' ')[0].split(/-(.*)/s);
  const content = Buffer.from(base64, 'base64').toString('hex');
  return { alg: algorithm.toUpperCase().replace('SHA', 'SHA-'), content };
}

function licence(words) {
  if (/^[A-Za-z0-9.+-]+$/.test(words)) return { license: { id: words } };
  return / (OR|AND|WITH) /.test(words) ? { expression: words } : { license: { name: words } };
}

/** A UUID that is made of the lock. */
function serialNumber() {
  const hex = createHash('sha256').update(text).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return `urn:uuid:${[...parts, hex.slice(20, 32)].join('-')}`;
}

function unique(values) {
  return [...new Set(values)].sort();
}

/** Of a package that lies in several places one is enough. */
function sorted(entries, key) {
  const byKey = new Map(entries.map((entry) => [entry[key], entry]));
  return [...byKey.values()].sort((a, b) => (a[key] < b[key] ? -1 : 1));
}
