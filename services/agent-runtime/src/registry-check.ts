import { readRegistryCheckConfig } from './config/agent-runtime.config.js';
import { checkRegistry } from './checking/registry-check.js';

// What a module prints while it loads comes before the last line.
const [file = '', task] = process.argv.slice(2);
const found = file === '' ? undefined : file;
const report = await checkRegistry(found, readRegistryCheckConfig(), task);
process.stdout.write(`\n${JSON.stringify(report)}\n`, () => process.exit(0));
