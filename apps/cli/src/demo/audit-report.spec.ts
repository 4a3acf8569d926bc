import { describe, expect, it } from '@jest/globals';
import { packagesIn } from './audit-report.js';

const zod = { name: 'zod', version: '4.0.0', license: 'MIT' };

describe('the answer of the auditor', () => {
  it('holds the packages', () => {
    const answer = { packages: [{ ...zod, file: 'LICENSE' }], failures: [] };
    expect(packagesIn(JSON.stringify(answer))).toEqual([zod]);
  });

  it('may stand in a code fence, as models like to write', () => {
    const fenced = `Here it is:\n\`\`\`json\n${JSON.stringify({ packages: [zod] })}\n\`\`\``;
    expect(packagesIn(fenced)).toEqual([zod]);
  });

  it.each(['', 'I could not find any.', '{"packages":"all"}', '{"packages":[{"name":"zod"}]}'])(
    'has no packages when it is %j',
    (output) => {
      expect(packagesIn(output)).toEqual([]);
    },
  );
});
