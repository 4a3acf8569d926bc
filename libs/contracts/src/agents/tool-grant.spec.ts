import { describe, expect, it } from '@jest/globals';
import { faultOfServerName, splitToolName, toolGrantSchema } from './tool-grant.js';

const tool = (name: string) => `files__${name}`;

describe('a grant', () => {
  it.each([
    'files__*',
    'my_server__read',
    'github/issues__list',
    '@scope/server.v2__a.b-c',
    'Wetter-Köln__abrufen',
    tool('read file'),
    tool('issues/list'),
    tool('_private'),
    tool('a__b'),
    tool('読む'),
    tool('x'.repeat(128)),
    `${'s'.repeat(64)}__read`,
  ])('names tools as servers have them: %s', (grant) => {
    expect(toolGrantSchema.safeParse(grant).success).toBe(true);
  });

  it.each([
    'read',
    'files__',
    '__read',
    'files_read',
    'a b__read',
    'a,b__read',
    '../a__read',
    tool('a\nb'),
    tool('a\u200bb'),
    tool('a\u202eb'),
    tool('a\ud83d'),
    tool('x'.repeat(129)),
    `${'s'.repeat(65)}__read`,
  ])('that is none, or that nobody could read, is refused: %j', (grant) => {
    expect(toolGrantSchema.safeParse(grant).success).toBe(false);
  });
});

describe('the name of a tool', () => {
  it.each([
    ['my_server__read', 'my_server', 'read'],
    ['files___private', 'files', '_private'],
    ['files__a__b', 'files', 'a__b'],
    ['read', '', 'read'],
  ])('%s is split at its first separator', (name, server, ownName) => {
    expect(splitToolName(name)).toEqual({ server, tool: ownName });
  });
});

describe('the name of a server', () => {
  it.each(['a__b', 'a_', '', '-a', 'a b', 'x'.repeat(65)])('can not be %j', (name) => {
    expect(faultOfServerName(name)).toEqual(expect.any(String));
  });
});
