import { describe, expect, it } from '@jest/globals';
import { readFlowPage } from './flow-page.js';

const OWNER = '`services/agent-runtime/src/owner/agents.ts`';
const HANDLER = '`libs/platform/src/execution/command-handler.ts`';

describe('a page that follows a call', () => {
  it('names functions behind their files, a library in the service that was named last', () => {
    const { files, functions } = readFlowPage(
      `${OWNER} \`Agents.spawn()\` sends \`SpawnAgent\`; ${HANDLER} \`Handler.#commit()\`, or \`give()?\``,
    );
    const handler = { file: HANDLER.slice(1, -1), service: 'agent-runtime' };
    expect(files).toEqual([OWNER.slice(1, -1), HANDLER.slice(1, -1)]);
    expect(functions).toEqual([
      { file: files[0], name: 'Agents.spawn', service: 'agent-runtime', isPassed: true },
      { ...handler, name: 'Handler.#commit', isPassed: true },
      { ...handler, name: 'give', isPassed: false },
    ]);
  });

  it('is refused with a function behind no file', () => {
    expect(() => readFlowPage('`spawn()`')).toThrow('spawn() stands behind no file');
    expect(() => readFlowPage(`${HANDLER} \`commit()\``)).toThrow('behind no file of a service');
  });
});
