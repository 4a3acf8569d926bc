import { describe, expect, it } from '@jest/globals';
import { listedAgent } from '../testing/listed-agents.js';
import { recordingTerminal } from '../testing/recording-terminal.js';
import { renderTree } from './tree-view.js';

const canvas = recordingTerminal();
const tree = [
  listedAgent({ task: 'root', status: 'waiting' }),
  listedAgent({ task: 'one', parentId: 'root', progress: 'half done' }),
  listedAgent({ task: 'two', parentId: 'root', status: 'failed', progress: 'half done' }),
  listedAgent({ task: 'below one', parentId: 'one', status: 'completed' }),
];

describe('a tree of agents', () => {
  it('is drawn with every agent below its parent, and the progress of those that run', () => {
    expect(renderTree('root', tree, canvas, { ids: false })).toEqual([
      '… waiting root',
      '├─ ▸ running one: half done',
      '│  └─ ✓ completed below one',
      '└─ ✗ failed two',
    ]);
  });

  it('can be drawn from any agent downwards', () => {
    expect(renderTree('one', tree, canvas, { ids: false })).toEqual([
      '▸ running one: half done',
      '└─ ✓ completed below one',
    ]);
  });

  it('shows ids on request', () => {
    expect(renderTree('two', tree, canvas, { ids: true })).toEqual(['✗ failed two  two']);
  });

  it('fits the width of the terminal', () => {
    const long = [listedAgent({ task: 'x'.repeat(200), agentId: 'a' })];
    const [line = ''] = renderTree('a', long, recordingTerminal({ columns: 40 }), { ids: false });
    expect(line.length).toBeLessThanOrEqual(40);
    expect(line.endsWith('…')).toBe(true);
  });

  it('is empty while its top is not known yet', () => {
    expect(renderTree('root', [], canvas, { ids: false })).toEqual([]);
  });
});
