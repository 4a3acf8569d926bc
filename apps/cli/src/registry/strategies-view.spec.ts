import { describe, expect, it } from '@jest/globals';
import { renderStrategies } from './strategies-view.js';

const relay = {
  name: 'relay',
  about: 'one after the other',
  parameters: [
    { name: 'steps', about: 'default: the model names them' },
    { name: 'most', about: 'most steps\t', default: 6 },
    { name: 'join', about: 'how', default: 'as it is' },
  ],
};

describe('the strategies', () => {
  it('are shown in a line each', () => {
    expect(renderStrategies([relay], { isOne: false })).toEqual([
      'STRATEGY  WHAT IT DOES         PARAMETERS',
      'relay     one after the other  steps, most, join',
    ]);
  });

  it('are shown with what may be said of the one that is named', () => {
    expect(renderStrategies([relay], { isOne: true })).toEqual([
      'relay: one after the other',
      '  steps: default: the model names them',
      expect.stringMatching(/^ {2}most: most steps.*\(default: 6\)$/),
      '  join: how (default: as it is)',
    ]);
  });
});
