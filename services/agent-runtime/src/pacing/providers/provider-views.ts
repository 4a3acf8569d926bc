import { subjects, type ProvidersAnswer } from '@skynet/contracts';
import type { MessageBus } from '@skynet/platform';
import type { ProviderTurns } from './provider-turns.js';

const QUEUE = 'agent-runtime';

/** Answers operators who ask how the model providers fare, until the returned function is called. */
export function serveProviderViews(
  bus: Pick<MessageBus, 'serve'>,
  providers: Pick<ProviderTurns, 'circuits' | 'limits'>,
  worker: { readonly id: string; readonly pace: { readonly slots: number } },
): () => void {
  return bus.serve(subjects.modelProviders, QUEUE, async (): Promise<ProvidersAnswer> => {
    const { circuits } = providers;
    const limits = await providers.limits();
    return { worker: worker.id, slots: worker.pace.slots, limits, circuits };
  });
}
