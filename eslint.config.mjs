import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { exceptions } from './tools/checks/exceptions.ts';
import { emptyNames, house, roles, sizes, specs } from './tools/checks/house.ts';
import { fileNameRule } from './tools/checks/rules/file-name.ts';
import { importsRule } from './tools/checks/rules/imports.ts';

const PRODUCT = ['{libs,services,apps}/**/src/**/*.ts'];
const SPECS = ['**/*.spec.ts', '**/*.suite.ts'];
const PURE = house.filter(({ pure }) => pure).map(({ folder }) => `${folder}/src/**/*.ts`);

const namedExports = [
  {
    selector: 'ExportAllDeclaration',
    message: 'Name each export: the index of a package shows what its door opens.',
  },
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Export by name, so that a thing has one name everywhere.',
  },
];
const clock = 'The time comes in with the command; the clock is a port of libs/platform.';
const waiting = 'Rules do not wait; what waits belongs in a service or in libs/platform.';
const impureSyntax = [
  { selector: ':function[async=true]', message: waiting },
  { selector: 'AwaitExpression, ForOfStatement[await=true]', message: waiting },
  { selector: 'TSTypeReference[typeName.name=/^Promise(Like)?$/]', message: waiting },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock },
  { selector: "CallExpression[callee.name='Date']", message: clock },
];
const impureGlobals = {
  Promise: waiting,
  ...names(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'], waiting),
  ...names(['performance'], clock),
  ...names(['crypto'], 'Ids and hashes come in with the command; libs/platform makes them.'),
  ...names(
    ['fetch', 'WebSocket', 'process', 'console', 'globalThis', 'global', 'require'],
    'Rules do no I/O and know no machine; that belongs in libs/platform or a service.',
  ),
};
const environment = {
  object: 'process',
  property: 'env',
  message: 'The environment is read in a *.config.ts file only, and parsed there.',
};
const impureProperties = [
  { object: 'Date', property: 'now', message: clock },
  { object: 'Math', property: 'random', message: 'Chance comes in with the command.' },
];

function names(list, message) {
  return Object.fromEntries(list.map((name) => [name, message]));
}

const NODE_GLOBALS = [
  'AbortSignal',
  'Buffer',
  'Response',
  'URL',
  'fetch',
  'performance',
  'process',
];

/** What is stored has the shape of its own version: only its decoder knows what is in it. */
const castsOfData = ["[expression.name='data']", "[expression.property.name='data']"].map(
  (what) => ({
    selector: `TSAsExpression${what}`,
    message: 'data is mapped by its decoder (readEvent, dataOf, a schema), never cast',
  }),
);

/** The protocol has replaced it; servers of strangers still have no other. */
const olderTransport = [
  { from: 'package', name: 'SSEClientTransport', package: '@modelcontextprotocol/client' },
];

export default defineConfig(
  {
    ignores: ['**/dist/', '**/node_modules/', 'coverage/', '.*/', 'tools/checks/fixtures/'],
  },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    rules: {
      // A switch over a closed union counts once: it is a table.
      complexity: ['error', { max: 10, variant: 'modified' }],
      eqeqeq: 'error',
      'max-depth': ['error', 3],
      'max-lines': ['error', lines(sizes.fileLines)],
      'max-lines-per-function': ['error', { ...lines(sizes.functionLines), IIFEs: true }],
      'max-params': ['error', 4],
      'no-cond-assign': 'error',
      'no-constant-condition': ['error', { checkLoops: 'allExceptWhileTrue' }],
      'no-dupe-else-if': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-unreachable-loop': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-catch': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: {
      house: {
        rules: {
          'file-name': fileNameRule(roles, emptyNames),
          imports: importsRule(house, specs),
        },
      },
    },
    languageOptions: {
      parserOptions: { project: 'tsconfig.check.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'house/file-name': 'error',
      'house/imports': 'error',
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-deprecated': ['error', { allow: olderTransport }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/prefer-readonly': 'error',
      // An adapter in memory fulfils a port whose methods are asynchronous for the others' sake.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
    },
  },
  {
    files: PRODUCT,
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...namedExports],
      'no-restricted-properties': ['error', environment],
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'node:process', message: environment.message }] },
      ],
    },
  },
  {
    files: ['{services,apps,libs/platform}/**/src/**/*.ts'],
    ignores: [...SPECS, '**/src/testing/**'],
    rules: { 'no-restricted-syntax': ['error', ...namedExports, ...castsOfData] },
  },
  {
    files: PURE,
    ignores: SPECS,
    rules: {
      'no-restricted-globals': [
        'error',
        ...Object.entries(impureGlobals).map(([name, message]) => ({ name, message })),
      ],
      'no-restricted-properties': ['error', environment, ...impureProperties],
      'no-restricted-syntax': ['error', ...namedExports, ...impureSyntax],
    },
  },
  {
    files: ['{libs,services,apps}/**/src/**/*.config.ts'],
    ignores: PURE,
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['apps/cli/src/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: SPECS,
    rules: {
      'max-lines': ['error', lines(sizes.specLines)],
      'max-lines-per-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])),
    },
    rules: { 'no-undef': 'error', 'no-unused-vars': 'error', 'prefer-const': 'error' },
  },
  ...exceptions.map(({ file, rule }) => ({ files: [file], rules: { [rule]: 'off' } })),
);

function lines(max) {
  return { max, skipBlankLines: true, skipComments: true };
}
