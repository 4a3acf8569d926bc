import {
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';

const STREAM_NOT_FOUND = 10_059;

/** Undefined when there is no such stream. */
export async function streamOf(
  manager: JetStreamManager,
  name: string,
): Promise<StreamConfig | undefined> {
  return (await infoOf(manager, name))?.config;
}

/** The same with what the stream holds and where; `subjects`: with the messages of each that fits. */
export async function infoOf(
  manager: JetStreamManager,
  name: string,
  subjects?: string,
): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(
      name,
      subjects === undefined ? {} : { subjects_filter: subjects },
    );
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}
