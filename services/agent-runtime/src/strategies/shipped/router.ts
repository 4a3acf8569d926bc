import { z } from 'zod';
import { affordable, wave } from '../contract/allotment.js';
import {
  askedNumbers,
  broughtBy,
  isTurn,
  joined,
  lacking,
  resultsOf,
} from '../contract/joining.js';
import {
  strategy,
  type Part,
  type StrategyTurn,
  type StrategyView,
} from '../contract/strategy.port.js';

const MOST = 20;
const names = z.array(z.string().min(1)).min(1).max(MOST).optional();

const parameters = z.strictObject({
  templates: names.describe('to choose from'),
  models: names.describe('to choose from'),
  hints: z.string().min(1).optional().describe('what each of them is good for'),
  tries: z.int().min(1).max(5).default(2).describe('so many are tried when one fails'),
});
type View = StrategyView<z.infer<typeof parameters>>;
type Route = Pick<Part, 'template' | 'model' | 'title'>;

/** One agent does the task, of a template or on a model that is chosen for it. */
export const router = strategy({
  name: 'router',
  about: 'chooses a template or a model for the task; its answer is the answer',
  parameters,
  next: (view) => {
    const routes = routesOf(view);
    if (view.steps.length === 0 && (affordable(view) < 1 || routes.length === 0)) {
      const why =
        routes.length === 0 ? 'Nothing is there to choose from' : 'There is no room for an agent';
      return { kind: 'alone', reason: `${why}: the task is done alone.` };
    }
    const chosen = choice(view, routes);
    return isTurn(chosen) ? chosen : follow(view, routes, chosen);
  },
});

function routesOf({ parameters: { templates = [], models = [] } }: View): Route[] {
  const ofTemplates = templates.map((template) => ({ template, title: `template ${template}` }));
  return [...ofTemplates, ...models.map((model) => ({ model, title: `model ${model}` }))];
}

/** A single one is not asked about. */
function choice(view: View, routes: readonly Route[]): readonly number[] | StrategyTurn {
  if (routes.length === 1) return [1];
  const { hints } = view.parameters;
  const about = hints === undefined ? '' : ` ${hints}`;
  return askedNumbers(view, {
    stage: 'choice',
    reason: `Chooses one of ${routes.length}.`,
    instruction: `Which of these suits the task best?${about} Answer with numbers, the best first; do not do the task.`,
    results: routes.map(({ title }) => ({ title, text: '' })),
  });
}

function follow(view: View, routes: readonly Route[], chosen: readonly number[]): StrategyTurn {
  const order = [...new Set([...chosen, ...routes.map((_, at) => at + 1)])];
  const results = resultsOf(view, 'route');
  const [brought] = broughtBy(results);
  const unchosen = chosen.length === 0 ? ['a choice: the first one was taken'] : [];
  if (brought !== undefined) {
    return { kind: 'say', text: brought.text, missing: [...lacking(results), ...unchosen] };
  }
  const left = order.slice(results.length, view.parameters.tries);
  const parts = left.flatMap((number) => routePart(view, number, routes[number - 1]));
  const next = wave(view, {
    stage: 'route',
    parts,
    atOnce: 1,
    what: `Goes to ${parts[0]?.title ?? ''}`,
  });
  return next ?? joined(results, unchosen, 'Answer the task.');
}

function routePart({ task, form }: View, number: number, route: Route | undefined): Part[] {
  const text = form === undefined ? task : `${task}\n\n${form}`;
  return route === undefined ? [] : [{ ...route, key: String(number), text }];
}
