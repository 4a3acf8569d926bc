import { describe, expect, it } from '@jest/globals';
import { errorCodes, retryableCodes } from './errors/codes.js';
import { agentIdOf, tenantSchema } from './envelope/ids.js';
import { agentIdOfStream, authLogCategories, streamNames } from './envelope/stream-names.js';
import { streams, subjects } from './envelope/subjects.js';
import { toolCatalogue } from './catalogue/tool-catalogue.js';
import { hasRole, scopesOf } from './access/principal.js';
import { scopeOfTool, scopeSchema, scopesOfRoles } from './access/scopes.js';

// Literals on purpose: clients, stored streams and other releases rely on them. Red means: be deliberate.

const id = '00000000-0000-7000-8000-000000000001';

describe('names that others rely on', () => {
  it('keeps the error codes', () => {
    expect(Object.keys(errorCodes)).toEqual([
      'AGENT_NOT_FOUND',
      'AGENT_ALREADY_ENDED',
      'AGENT_NOT_FAILED',
      'AGENT_NOT_PAUSED',
      'AGENT_REFUSED',
      'IDEMPOTENCY_CONFLICT',
      'INVALID_ARGUMENTS',
      'UNKNOWN_TOOL',
      'UNKNOWN_MODEL',
      'UNKNOWN_TEMPLATE',
      'UNKNOWN_TOOL_SERVER',
      'UNKNOWN_PRICE',
      'GRANT_TOO_WIDE',
      'LIMIT_DEPTH',
      'LIMIT_CHILDREN',
      'LIMIT_DESCENDANTS',
      'LIMIT_TOKENS',
      'LIMIT_COST',
      'LIMIT_SECONDS',
      'TENANT_LIMIT',
      'LIMIT_CEILING',
      'LIMIT_SCHEDULES',
      'LIMIT_MESSAGES',
      'LIMIT_BOARD',
      'BOARD_CONFLICT',
      'NOT_FOR_TENANT',
      'DEADLINE_PASSED',
      'BUDGET_EXHAUSTED',
      'CRASH_LOOP',
      'MODEL_FAILED',
      'TASK_FAILED',
      'OUTCOME_UNKNOWN',
      'DAMAGED_LOG',
      'NEWER_LOG',
      'PARENT_ENDED',
      'UNAUTHENTICATED',
      'FORBIDDEN',
      'SCHEDULE_NOT_FOUND',
      'TENANT_EXISTS',
      'TENANT_NOT_FOUND',
      'USER_EXISTS',
      'USER_NOT_FOUND',
      'CLIENT_EXISTS',
      'CLIENT_NOT_FOUND',
      'CLIENT_IN_FILE',
      'COMMAND_EXPIRED',
      'RATE_LIMITED',
      'OVERLOADED',
      'UNAVAILABLE',
      'INTERNAL',
    ]);
    expect([...retryableCodes]).toEqual([
      'TENANT_LIMIT',
      'LIMIT_MESSAGES',
      'NEWER_LOG',
      'COMMAND_EXPIRED',
      'RATE_LIMITED',
      'OVERLOADED',
      'UNAVAILABLE',
    ]);
  });

  it('keeps the tools and their order', () => {
    expect(toolCatalogue.map(({ name }) => name)).toEqual([
      'spawn_agent',
      'get_agent_status',
      'wait_agent',
      'get_agent_result',
      'list_agents',
      'get_agent_events',
      'answer_agent',
      'pause_agent',
      'resume_agent',
      'terminate_agent',
      'send_agent_message',
      'extend_agent',
      'schedule_agent',
      'list_schedules',
      'cancel_schedule',
      'get_usage',
      'explain_failure',
      'replay_agent',
      'fork_agent',
      'retry_agent',
      'export_agent',
      'list_audit',
      'get_tenant',
      'set_tenant_quotas',
    ]);
  });

  it('keeps the scopes, and what each role may do', () => {
    expect(scopesOfRoles(['viewer'])).toEqual(['agents:read']);
    expect(scopesOfRoles(['operator'])).toEqual(['agents:read', 'agents:spawn', 'agents:control']);
    expect(scopesOfRoles(['viewer', 'admin'])).toEqual([
      'agents:read',
      'agents:spawn',
      'agents:control',
      'agents:admin',
    ]);
    expect(scopeSchema.options).toEqual(scopesOfRoles(['admin']));
  });

  it('keeps the scope of each tool', () => {
    const scopes = toolCatalogue
      .filter(({ role }) => role !== 'admin')
      .map((tool) => [tool.name, scopeOfTool(tool)]);
    expect(Object.fromEntries(scopes)).toMatchObject({
      spawn_agent: 'agents:spawn',
      get_agent_status: 'agents:read',
      wait_agent: 'agents:read',
      get_agent_result: 'agents:read',
      list_agents: 'agents:read',
      get_agent_events: 'agents:read',
      answer_agent: 'agents:control',
      pause_agent: 'agents:control',
      resume_agent: 'agents:control',
      terminate_agent: 'agents:control',
      send_agent_message: 'agents:control',
      extend_agent: 'agents:control',
      schedule_agent: 'agents:spawn',
      list_schedules: 'agents:read',
      cancel_schedule: 'agents:control',
      get_usage: 'agents:read',
      explain_failure: 'agents:read',
    });
  });

  it('keeps the subjects and streams', () => {
    expect(streams).toEqual({
      commands: 'CMD',
      runs: 'RUN',
      log: 'LOG',
      authLog: 'AUTHLOG',
      deadLetters: 'DEAD',
      health: 'HEALTH',
      audit: 'AUDIT',
    });
    expect(subjects.command('agents', 'SpawnAgent')).toBe('cmd.agents.SpawnAgent');
    expect(subjects.allCommands('agents')).toBe('cmd.agents.*');
    expect(subjects.run('default', id)).toBe(`run.default.${id}`);
    expect(subjects.allRuns('default')).toBe('run.default.*');
    expect(subjects.agentView(id)).toBe(`view.agent.${id}`);
    expect(subjects.agentText('acme', id, id)).toBe(`text.agent.acme.${id}.${id}`);
    expect(subjects.textOfAgent('acme', id)).toBe(`text.agent.acme.*.${id}`);
    expect(subjects.textOfTree('acme', id)).toBe(`text.agent.acme.${id}.*`);
    expect(subjects.textWanted).toBe('text.wanted');
    expect(subjects.query('list')).toBe('q.views.list');
    expect(subjects.schedules('create')).toBe('schedules.create');
    expect(subjects.spawnCheck).toBe('q.spawn.check');
    expect(subjects.deadLetter('cmd.agents.SpawnAgent')).toBe('dead.cmd.agents.SpawnAgent');
    expect(streamNames.agent(agentIdOf(id))).toBe(`agent-${id}`);
    expect(subjects.audit('auth')).toBe('audit.auth');
    expect(subjects.auditQuery('list')).toBe('q.audit.list');
    expect(streamNames.principal('alice')).toBe('principal-alice');
    expect(streamNames.audit(3)).toBe('audit-3');
    expect(streamNames.schedule(id)).toBe(`schedule-${id}`);
    expect(streamNames.tenant('acme')).toBe('tenant-acme');
    expect(authLogCategories).toEqual(['principal', 'audit']);
  });
});

describe('a subject', () => {
  it.each(['a.b', 'a b', '*', '>', ''])('is not built from the token %j', (token) => {
    expect(() => subjects.command('agents', token)).toThrow('not a subject token');
  });
});

describe('a stream name', () => {
  it('gives back the agent, and nothing for a stream of another kind', () => {
    expect(agentIdOfStream(`agent-${id}`)).toBe(id);
    expect(agentIdOfStream('tenant-acme')).toBeUndefined();
    expect(agentIdOfStream('agent-not-a-uuid')).toBeUndefined();
  });
});

describe('a tenant', () => {
  it.each(['a.b', 'a b', '', 'x'.repeat(65)])('is not called %j', (tenant) => {
    expect(tenantSchema.safeParse(tenant).success).toBe(false);
  });
});

describe('a role', () => {
  it.each([
    ['viewer', 'viewer', true],
    ['viewer', 'operator', false],
    ['operator', 'viewer', true],
    ['admin', 'operator', true],
  ] as const)('%s includes %s: %j', (held, needed, includes) => {
    expect(hasRole({ roles: [held] }, needed)).toBe(includes);
  });
});

describe('a token', () => {
  const alice = { principal: 'alice', tenant: 't', roles: ['operator'] as const };

  it('allows what both its scopes and the roles of its owner allow', () => {
    expect(scopesOf({ ...alice, scopes: ['agents:admin', 'agents:read'] })).toEqual([
      'agents:read',
    ]);
    expect(scopesOf({ ...alice, scopes: [] })).toEqual([]);
  });

  it('without scopes allows what the roles allow', () => {
    expect(scopesOf(alice)).toEqual(scopesOfRoles(['operator']));
  });
});
