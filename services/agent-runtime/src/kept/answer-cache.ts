import { modelOf, type SpawnedAgent } from '@skynet/domain-agents';
import { hashOf, type Clock } from '@skynet/platform';
import type { ModelAnswer, ModelRequest } from '../models/model.port.js';
import { KeptValues, type Place, type Room } from './kept-values.js';

const ROOM: Room = { values: 1_000, chars: 32 * 1_024 * 1_024 };
/** Whoever stopped there had more to say. */
const CUT = /length|max/i;

/** Answers of models that stand for the same request of a tenant, in the memory of this process. */
export class AnswerCache {
  private readonly answers: KeptValues<ModelAnswer>;

  constructor(clock: Pick<Clock, 'monotonicMs'>, room = ROOM) {
    this.answers = new KeptValues(clock, (answer) => JSON.stringify(answer).length, room);
  }

  /**
   * Where the answer stands: another tenant, model, text, tool or parameter is another place. Undefined where the template
   * does not allow it.
   */
  placeOf(agent: SpawnedAgent, request: ModelRequest): Place | undefined {
    const { tenant, spec } = agent.spawned;
    const { answerSeconds: seconds } = spec;
    if (seconds === undefined) return undefined;
    const { price: _, ...asked } = request;
    return { key: hashOf([tenant, modelOf(agent).id, asked]), seconds };
  }

  get(place: Place): ModelAnswer | undefined {
    return this.answers.get(place);
  }

  /** Only one that is whole. */
  keep(place: Place, answer: ModelAnswer): void {
    const { text, toolCalls, response } = answer;
    const isEmpty = text.trim() === '' && toolCalls.length === 0;
    const isCut = toolCalls.some(({ cutBy }) => cutBy !== undefined);
    if (isEmpty || isCut || CUT.test(response?.finishReason ?? '')) return;
    this.answers.keep(place, answer);
  }
}
