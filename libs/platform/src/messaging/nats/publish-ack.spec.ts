import { describe, expect, it } from '@jest/globals';
import { WorldError } from '../../runtime/world-error.js';
import { OverloadedError } from '../overloaded-error.js';
import { NoLeaderError, parseAck, SequenceConflictError } from './publish-ack.js';

const refusal = (code: number, errorCode: number, description: string) =>
  JSON.stringify({ error: { code, err_code: errorCode, description }, stream: 'LOG', seq: 0 });
const parsing = (body: string, status?: number) => () => parseAck('log.a', body, status);

describe('the answer to a publish', () => {
  it('tells where the message is stored', () => {
    expect(parseAck('log.a', '{"stream":"LOG", "seq": 7}', undefined)).toEqual({
      sequence: 7,
      duplicate: false,
    });
    expect(parseAck('log.a', '{"stream":"LOG","seq":7,"duplicate": true}', 0).duplicate).toBe(true);
  });

  it('is a conflict when the expectation was not met, with or without the number', () => {
    const withNumber = refusal(400, 10_071, 'wrong last sequence: 5');
    expect(parsing(withNumber)).toThrow(SequenceConflictError);
    expect(parsing(refusal(400, 10_164, 'wrong last sequence'))).toThrow(SequenceConflictError);
  });

  it('is overload when the stream or the disk is full', () => {
    expect(parsing(refusal(503, 10_077, 'maximum bytes exceeded'))).toThrow(OverloadedError);
    expect(parsing(refusal(500, 10_047, 'resource limits exceeded'))).toThrow(OverloadedError);
    const full = parsing(
      refusal(503, 10_077, 'write /var/lib/nats/1.blk: no space left on device'),
    );
    expect(full).toThrow(OverloadedError);
    expect(full).not.toThrow('/var/lib');
  });

  it('is no overload while there is no leader', () => {
    expect(parsing(refusal(503, 10_008, 'not available'))).toThrow(NoLeaderError);
    expect(parsing('', 503)).toThrow(NoLeaderError);
  });

  it('is final for any other refusal, and for what is no answer', () => {
    for (const body of [refusal(400, 10_054, 'message size exceeds'), 'no json', '[]', '{}']) {
      expect(parsing(body)).toThrow(
        expect.objectContaining({ name: 'WorldError', retry: 'never' }),
      );
      expect(parsing(body)).toThrow(WorldError);
    }
  });
});
