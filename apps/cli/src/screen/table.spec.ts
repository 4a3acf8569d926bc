import { describe, expect, it } from '@jest/globals';
import { renderTable } from './table.js';

describe('a table', () => {
  it('has columns as wide as their widest cell, and no blanks at the ends of lines', () => {
    const columns = [{ title: 'NAME' }, { title: 'N' }, { title: 'TASK' }];
    const rows = [
      ['a', '10', 'x'],
      ['longer', '1', ''],
    ];
    expect(renderTable(columns, rows)).toEqual(['NAME    N   TASK', 'a       10  x', 'longer  1']);
  });

  it('cuts cells of a column that must not grow', () => {
    expect(renderTable([{ title: 'M', maxWidth: 4 }, { title: 'T' }], [['abcdef', 't']])).toEqual([
      'M     T',
      'abc…  t',
    ]);
  });

  it('shows its titles when there are no rows', () => {
    expect(renderTable([{ title: 'A' }, { title: 'B' }], [])).toEqual(['A  B']);
  });
});
