import type {
  AgentCommandData,
  AgentCommandType,
  QuotaChanges,
  ScheduleRequest,
} from '@skynet/contracts';

/** What a call sends to have something changed. */
export type SentData =
  | AgentCommandData<AgentCommandType>
  | ScheduleRequest<'create'>
  | ScheduleRequest<'cancel'>
  | { readonly tenant: string; readonly changes: QuotaChanges };

const MOST_CHARACTERS = 200;

export type Details = Readonly<Record<string, string>>;

/** What is recorded of a command beside its agent: names and ids, none of the words of a person or agent. */
export function detailsOf(data: SentData): Details {
  if ('changes' in data) {
    const { tenant, changes } = data;
    return { tenant, changes: JSON.stringify(changes).slice(0, MOST_CHARACTERS) };
  }
  if ('spawn' in data) {
    const { scheduleId, spawn } = data;
    return said({ schedule: scheduleId, model: spawn.model?.id, template: spawn.template });
  }
  if ('scheduleId' in data) return { schedule: data.scheduleId };
  if ('arguments' in data) {
    const { parentId, arguments: wishes } = data;
    return said({ parent: parentId, model: wishes.model?.id, template: wishes.template });
  }
  return aboutOne(data);
}

function aboutOne(data: SentData): Details {
  if ('from' in data) {
    const { from, model } = data;
    return said({ source: from.agentId, at: String(from.revision), model: model?.id });
  }
  if ('retryOf' in data) return said({ source: data.retryOf, model: data.model?.id });
  if ('add' in data) return { add: JSON.stringify(data.add) };
  if ('answer' in data) {
    return { toolCall: data.toolCallId, decision: data.answer.decision };
  }
  return {};
}

function said(details: Readonly<Record<string, string | undefined>>): Details {
  const entries = Object.entries(details).filter(([, text]) => text !== undefined);
  return Object.fromEntries(entries) as Details;
}
