/**
 * Prints as JSON what ESLint says of each fixture in the place that it stands for, and which exceptions are no longer
 * needed. A process of its own, because ESLint does not load inside Jest's module loader.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import config from '../../eslint.config.mjs';
import { exceptions } from './exceptions.ts';

const cwd = resolve(import.meta.dirname, '../..');
const fixtures = 'tools/checks/fixtures';
// The first block ignores the fixtures, the last ones are the exceptions.
const rules = config.slice(1, config.length - exceptions.length);

function linter(parserOptions, ...more) {
  const options = { files: ['**/*.ts'], languageOptions: { parserOptions } };
  const overrideConfig = [...rules, ...more, options];
  return new ESLint({ cwd, overrideConfigFile: true, overrideConfig });
}

const linters = {
  // The place of a fixture does not exist, so there are no types to ask for.
  untyped: linter({ project: false }, tseslint.configs.disableTypeChecked),
  typed: linter({ project: `${fixtures}/typed/tsconfig.json` }),
  unexcused: linter({}),
};

async function lint(by, file, place = file) {
  const text = readFileSync(join(cwd, file), 'utf8');
  const [{ messages }] = await by.lintText(text, { filePath: join(cwd, place) });
  return [...new Set(messages.map(({ ruleId, message }) => ruleId ?? message))].sort();
}

const found = {};
for (const place of readdirSync(join(cwd, fixtures), { recursive: true })) {
  if (!place.endsWith('.ts')) continue;
  const file = `${fixtures}/${place}`;
  found[place] = place.startsWith('typed/')
    ? await lint(linters.typed, file)
    : await lint(linters.untyped, file, place);
}

const unneeded = [];
for (const exception of exceptions.filter(({ rule }) => !rule.startsWith('architecture/'))) {
  const reported = await lint(linters.unexcused, exception.file);
  if (!reported.includes(exception.rule)) unneeded.push(exception);
}

process.stdout.write(JSON.stringify({ found, unneeded }));
