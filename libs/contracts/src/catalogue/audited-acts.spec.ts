import { describe, expect, it } from '@jest/globals';
import { auditActs } from '../audit/index.js';
import { auditActNames } from './audited-acts.js';
import { toolCatalogue } from './tool-catalogue.js';

describe('names of acts', () => {
  it('are few, and those of tools can be told from the others', () => {
    expect(auditActNames.size).toBe(Object.keys(auditActs).length + toolCatalogue.length);
    expect(auditActNames.size).toBeLessThan(50);
    expect(Object.keys(auditActs).filter((name) => name.includes('_'))).toEqual([]);
    expect(toolCatalogue.filter(({ name }) => !name.includes('_'))).toEqual([]);
  });
});
