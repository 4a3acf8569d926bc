import { describe, expect, it } from '@jest/globals';
import { renderModels } from './models-view.js';

const able = { sees: false, tools: true, structured: true };
const price = { inputMicroUsdPerMillion: 500_000, outputMicroUsdPerMillion: 2_500_000 };

describe('what auto chooses among', () => {
  it('is shown with size, price and what each can not do, and with the choice for a task', () => {
    const auto = {
      preference: 'cost',
      models: [
        { id: 'a:small', skill: 1, price, contextTokens: 8_000, ...able, sees: true },
        { id: 'a:plain', skill: 2, ...able, tools: false, structured: false },
        { id: 'a:none', skill: 3, absence: 'no key\u001b[2J', ...able },
      ],
      choice: {
        model: 'a:small',
        reasons: ['a small model is wanted'],
        refused: [{ model: 'a:none', reason: 'no key' }],
      },
    } as const;
    const report = { ...auto, models: [...auto.models] };
    const choice = {
      ...auto.choice,
      reasons: [...auto.choice.reasons],
      refused: [...auto.choice.refused],
    };
    expect(renderModels({ auto: { ...report, choice }, servers: [] }, [])).toEqual([
      'default  none: skynet registry check says why',
      'auto  chosen for each task, preference cost',
      '  a:small  small, $0.50 in and $2.50 out for a million tokens, window 8000, sees',
      '  a:plain  middle, no known price, calls no tools, answers fit no schema',
      '  a:none  passed over: no key [2J',
      'chosen  a:small',
      '  a small model is wanted',
      '  not a:none: no key',
      'local  not looked for: SKYNET_MODEL_PORTS names no port',
    ]);
  });
});
