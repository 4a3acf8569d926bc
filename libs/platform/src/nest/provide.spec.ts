import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { provide, providedBy, token } from './provide.js';

const NAME = token<string>('NAME');
const COUNT = token<number>('COUNT');
const LINE = token<string>('LINE');

class Page {
  constructor(readonly text: string) {}
}

const values = [
  { provide: NAME, useValue: 'agents' },
  { provide: COUNT, useValue: 7 },
];

describe('what is provided', () => {
  it.each([
    ['in one order', { count: COUNT, name: NAME }],
    ['in another', { name: NAME, count: COUNT }],
  ])('gets its parts by their names, %s', async (_, parts) => {
    const line = provide(LINE, parts, ({ count, name }) => `${count} ${name}`);
    const page = provide(Page, { text: LINE }, ({ text }) => Promise.resolve(new Page(text)));
    const module = await Test.createTestingModule({ providers: [page, line, ...values] }).compile();
    expect(providedBy(module, LINE)).toBe('7 agents');
    expect(providedBy(module, Page).text).toBe('7 agents');
  });
});
