import { hash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { storedClientEvents } from './access/client-events.js';
import { storedUserEvents } from './access/user-events.js';
import { storedAgentEvents } from './agents/events.js';
import { specV1 } from './agents/stored/spec-v1.js';
import { toolGrantSchema } from './agents/tool-grant.js';
import { storedAuditEvents } from './audit/audit-events.js';
import type { StoredEvents } from './envelope/stored-events.js';
import { storedScheduleEvents } from './scheduling/schedule-events.js';
import { storedTenantEvents } from './tenants/tenant-events.js';

/**
 * First characters of the SHA-256 of each stored shape as JSON Schema, by version. A red line means: what the log holds
 * is read by another shape than it was written in. Make a new version instead. Only a new release of zod, which may write
 * the same schema in other words, is a reason to change one that stands here.
 */
const digests: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  agent: {
    AgentSpawned: ['f1714361eb8d', '7fefb6a2efc2', 'c343eea82f46', '78c870bfd7df', 'fd2ca5f369be'],
    AgentRefused: ['e51386a62706'],
    ChildReserved: ['193ddb436e0d', 'af3bba4ba06a', '24e6d6619234', '18a6836febed'],
    AgentAdmitted: ['25c7d85c859a', '7968fa2b4856'],
    RunStarted: ['638533d73c9b', '56c0cd0acf95', '5802c59df247'],
    RunYielded: ['d5794e64e7ab', '0a2e0a68349f'],
    ModelCallStarted: ['efe020ca0ee6', 'b7ea0613906b'],
    ModelChosen: ['9a8d3935e89b'],
    ModelCallSettled: ['56d2db1c77ea', 'ae136a68043f', '7c7df51d06d8', '98b49592ca4e'],
    ToolCallStarted: ['1e23ed8f0d5d'],
    ToolCallSettled: ['e7239bc197d8', '56a3c9bf0484', '56b17112ec05', '068c7bb17bc2'],
    ToolCallInDoubt: ['d45fb6d98085', 'dac04354ae48'],
    ToolCallReleased: ['d45fb6d98085'],
    ProgressReported: ['139c512d3f32'],
    AwaitStarted: ['e53199dfd7fc'],
    AwaitEnded: ['5a1ba1c12ed3', '44606c9767e7'],
    AgentParked: ['415971ef7906', 'b8fe4da6d30d', '79039e650fe7'],
    AgentWoken: ['285daaea815a', '6f4a95362719'],
    AgentPaused: ['25c7d85c859a'],
    AgentResumed: ['25c7d85c859a'],
    ToolsOffered: ['2718b9776cae'],
    OutputRejected: ['43b604222b18'],
    ConversationCompacted: ['d7c4ee383c2a'],
    AgentCompleted: ['4ff33c0d6d3e'],
    AgentFailed: ['3e2a51a9bb22'],
    AgentTerminated: ['1f4b0ffe88e2'],
    AgentExpired: ['779552a3416d'],
    AgentExhausted: ['a7e56598e6d1'],
    ChildEnded: ['f993137c3872'],
    HistoryShared: ['4a6233496583', 'f2815913523d', '9541b82d52c9', 'bd3ec6093b3f'],
    AgentForked: ['83e9df2b6137', 'e8eaf78e6188', '8c35cde9fd17', '915f486b6d58'],
    MessageSent: ['227e2fdf7014', 'f4b75ea201c5'],
    MessageReceived: ['880b17fc823c', 'b30017e5307b'],
    MessageBroadcast: ['8019be0195c9'],
    TopicSubscribed: ['87f3c68f00bb'],
    TopicLeft: ['87f3c68f00bb'],
    BoardWritten: ['628d86dbf591'],
    QuestionAsked: ['8d8f34bab58a'],
    ToolInputRequired: ['c06d9a78fe9a'],
    ToolInputGiven: ['d44a391cb008'],
    ToolTaskStarted: ['77d4b4c55aa8'],
    LimitsExtended: ['aa4b00149296'],
    ChildExtended: ['dff9094734e0'],
    RetryStarted: ['188f099a81ad'],
    ChildRetried: ['107f3989bc65'],
  },
  user: {
    UserRegistered: ['28db995e49a8'],
    PasswordChanged: ['1bd426704f57'],
    RoleGranted: ['d20af13c0919'],
    RoleRevoked: ['d20af13c0919'],
    UserDisabled: ['25c7d85c859a'],
    UserEnabled: ['25c7d85c859a'],
  },
  client: {
    ClientRegistered: ['5c28ab825fd7'],
    ClientAccessChanged: ['3dab8a9395ec'],
    ClientSecretReplaced: ['f8db156cec38'],
    ClientDisabled: ['25c7d85c859a'],
    ClientEnabled: ['25c7d85c859a'],
    ClientRemoved: ['25c7d85c859a'],
  },
  schedule: {
    ScheduleCreated: ['c23bf305823a', 'dca5d7eeaf84'],
    TickStarted: ['3226a77ef87d'],
    TickSettled: ['3c0dcd7e9ef6'],
    TicksSkipped: ['a5101ea7ef6e'],
    ScheduleCancelled: ['ec16fc6a0775'],
  },
  tenant: {
    TenantQuotasSet: ['a3eefdd86c39', '87e8e71d6a01'],
  },
  audit: {
    ActRecorded: ['4d9fee465501'],
    CheckpointSigned: ['2e8120b43547'],
  },
};

const families: Readonly<Record<string, StoredEvents<Record<string, z.ZodType>>>> = {
  agent: storedAgentEvents,
  user: storedUserEvents,
  client: storedClientEvents,
  schedule: storedScheduleEvents,
  tenant: storedTenantEvents,
  audit: storedAuditEvents,
};

function digestOf(schema: z.ZodType): string {
  return hash('sha256', JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))).slice(0, 12);
}

function digestsOf(family: StoredEvents<Record<string, z.ZodType>>, type: string): string[] {
  const versions = Array.from({ length: family.versionOf(type) }, (_, index) => index + 1);
  return versions.map((version) => digestOf(family.schemaOf(type, version) ?? z.never()));
}

describe.each(Object.entries(families))('stored events of the family %s', (name, family) => {
  it('have the shapes that they were stored in', () => {
    const found = family.types.map((type) => [type, digestsOf(family, type)]);
    expect(Object.fromEntries(found)).toEqual(digests[name]);
  });
});

describe('a stored grant of tools', () => {
  const longest = `${'s'.repeat(64)}__${'t'.repeat(128)}`;

  it.each([
    'files__read',
    'files__*',
    '@scope/a.b:c+d-e__x',
    '天気__予報',
    'a_b__c__d',
    'a___b',
    longest,
  ])('is whatever can be granted: %s', (grant) => {
    expect(toolGrantSchema.safeParse(grant).success).toBe(true);
    expect(specV1.shape.tools.safeParse([grant]).success).toBe(true);
  });

  it.each(['read', '__read', 'files__', '.a__b', 'a b__c', 'a__b\u202e'])(
    'is nothing else: %j',
    (grant) => {
      expect(toolGrantSchema.safeParse(grant).success).toBe(false);
      expect(specV1.shape.tools.safeParse([grant]).success).toBe(false);
    },
  );
});

describe('files of stored shapes', () => {
  const root = import.meta.dirname;
  const files = globSync('*/stored/*.ts', { cwd: root });

  it.each(files)('%s depends on nothing that programs use today', (file) => {
    const source = readFileSync(join(root, file), 'utf8');
    const imported = [...source.matchAll(/from '([^']+)'/g)].map(([, from]) => from);
    expect(
      imported.filter((from) => from !== 'zod' && !/^\.\/[a-z0-9-]+\.js$/.test(from ?? '')),
    ).toEqual([]);
  });

  it('are there', () => {
    expect(files.length).toBeGreaterThan(8);
  });
});
