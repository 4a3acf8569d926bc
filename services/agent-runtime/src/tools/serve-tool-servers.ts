import { subjects, toolServersRequestSchema } from '@skynet/contracts';
import type { MessageBus } from '@skynet/platform';
import type { ToolBox } from './tool-box.js';

const QUEUE = 'agent-runtime';

/** Answers operators who ask what tool servers there are, until the returned function is called. */
export function serveToolServers(
  bus: Pick<MessageBus, 'serve'>,
  toolBox: Pick<ToolBox, 'view'>,
  worker: string,
): () => void {
  return bus.serve(subjects.toolServers, QUEUE, async ({ data }) => ({
    worker,
    ...(await toolBox.view(toolServersRequestSchema.parse(data).server)),
  }));
}
