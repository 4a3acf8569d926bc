import { viewStrategies } from './strategies/strategy-views.js';

process.stdout.write(`${JSON.stringify(viewStrategies())}\n`);
