import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { ModelCatalogue } from '../models/model-catalogue.js';
import { modelProviders } from '../models/providers/model-providers.js';
import { aRegistry } from '../testing/registries.js';
import { reportSummarisers } from './named-summarisers.js';

describe('models for summaries that are named', () => {
  it('are said in the log where they are not there', async () => {
    const registry = aRegistry({
      compactionModel: 'scripted:nobody',
      models: {
        'scripted:slow': { compactionModel: 'scripted:echo' },
        'scripted:tree': { compactionModel: 'mistral:any' },
        'scripted:gone': { compactionModel: 'scripted:nobody' },
      },
      refused: { 'models.scripted:gone': 'it is wrong' },
    });
    const models = new ModelCatalogue(modelProviders({}, registry, new ManualClock()), registry);
    const said: unknown[] = [];
    await reportSummarisers(registry, models, { warn: (_, fields) => said.push(fields) });
    expect(said).toEqual([
      { path: 'compactionModel', cause: expect.stringContaining('no model scripted:nobody') },
      {
        path: 'models.scripted:tree.compactionModel',
        cause: expect.stringContaining('MISTRAL_API_KEY is not set'),
      },
    ]);
  });
});
