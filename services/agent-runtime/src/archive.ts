import { ArchiveError } from './archive/archive-lines.js';
import { runArchiveProgram } from './archive/archive-program.js';

try {
  process.stdout.write(await runArchiveProgram(process.argv.slice(2), process.stdin));
} catch (error) {
  if (!(error instanceof ArchiveError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
