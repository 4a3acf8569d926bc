import { describe, expect, it } from '@jest/globals';
import { canonicalJson, hashOf, sha256Hex } from './hashing.js';

describe('canonical JSON', () => {
  it('has the keys of every object in order, and lists as they are', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }, 0], a: null, ä: 1, B: 2 })).toBe(
      '{"B":2,"a":null,"b":[{"c":2,"d":1},0],"ä":1}',
    );
  });

  it('leaves out what JSON leaves out', () => {
    expect(canonicalJson({ b: undefined, a: () => 1, c: [undefined] })).toBe('{"c":[null]}');
    expect(canonicalJson(undefined)).toBe('null');
    expect(canonicalJson({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
  });
});

describe('a hash', () => {
  it('is the same for values that differ in the order of keys only', () => {
    expect(hashOf({ a: 1, b: { c: 2, d: 3 } })).toBe(hashOf({ b: { d: 3, c: 2 }, a: 1 }));
    expect(hashOf({ a: 1 })).not.toBe(hashOf({ a: '1' }));
    expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
  });

  it('of a text is its SHA-256 as UTF-8', () => {
    expect(sha256Hex('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(sha256Hex('ä')).toBe('33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc');
  });
});
