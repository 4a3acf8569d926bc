import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import featuresRpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js';
import gossipRpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_grpc_pb.js';
import features from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import type { SupportedMethods } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import streamsRpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import { AppendCalls } from './append-calls.js';
import { faultless, type Behaviour } from './behaviour.js';
import { CommitFile } from './commit-file.js';
import { gossipCalls } from './gossip-calls.js';
import { ReadCalls } from './read-calls.js';
import { RecordedEvents } from './recorded-events.js';
import { strict } from './strict-service.js';

/** What a test, or the command line, may choose. */
export interface EventStoreDoubleOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Where appends are kept, one per line, before they are answered. Default: in memory, gone with the process. */
  readonly file?: string;
  /** Whether the server has the call that newer servers have for appends. Default: true. */
  readonly batchAppend?: boolean;
  /** Whether the server itself answers a repeated append as the first one. Default: true. */
  readonly knowsRepeats?: boolean;
}

/** How many events a server holds, and how many it has written to its clients. */
export interface Served {
  readonly recorded: number;
  /** To subscriptions, each counted. */
  readonly delivered: number;
  /** In answers to reads. */
  readonly answered: number;
}

/** A server that speaks as EventStoreDB does to its own client: streams, `$all` and gossip, no more. */
export interface EventStoreDouble {
  /** `kurrentdb://127.0.0.1:<port>?tls=false`; the same after a restart. */
  readonly connectionString: string;
  /** The same with the way that clusters are addressed by. */
  readonly discoverString: string;
  readonly port: number;
  /** May be changed while the server runs. */
  readonly behaviour: Behaviour;
  /** How often each call was made since the start, for example `Streams/Append`. */
  readonly calls: ReadonlyMap<string, number>;
  readonly served: Served;
  dropSubscriptions(): void;
  /** Ends a stream for good, as an operator can. */
  deleteStream(stream: string): void;
  /** Ends all connections at once. Safe to repeat. */
  stop(): void;
  /** Starts again on the same port with what was stored. */
  restart(): Promise<void>;
}

const VERSION = '24.10.0';
// The largest event that EventStoreDB lets its clients read.
const MESSAGE_MAX_BYTES = 17 * 1024 * 1024;

/** Starts a server and resolves when it takes calls. It checks no credentials and no access lists. */
export async function startEventStoreDouble(
  options: EventStoreDoubleOptions = {},
): Promise<EventStoreDouble> {
  const { host = '127.0.0.1', knowsRepeats = true } = options;
  const file = options.file === undefined ? undefined : new CommitFile(options.file);
  const recorded = new RecordedEvents(file, knowsRepeats);
  const behaviour = faultless();
  const calls = new Map<string, number>();
  const reads = new ReadCalls(recorded, behaviour);
  const appends = new AppendCalls(recorded, behaviour);
  let port = options.port ?? 0;
  const gossip = gossipCalls(host, () => port);
  const make = () => serverOf(options, { reads, appends, gossip, calls });
  let server = make();
  port = await listen(server, host, port);
  return {
    connectionString: `kurrentdb://${host}:${port}?tls=false`,
    discoverString: `kurrentdb+discover://${host}:${port}?tls=false`,
    port,
    behaviour,
    calls,
    get served() {
      const { delivered, answered } = reads;
      return { recorded: recorded.all.length, delivered, answered };
    },
    dropSubscriptions: () => reads.dropSubscriptions(),
    deleteStream: (stream) => recorded.delete(stream),
    stop: () => server.forceShutdown(),
    async restart() {
      server.forceShutdown();
      server = make();
      await listen(server, host, port);
    },
  };
}

interface Calls {
  readonly reads: ReadCalls;
  readonly appends: AppendCalls;
  readonly gossip: ReturnType<typeof gossipCalls>;
  readonly calls: Map<string, number>;
}

function serverOf(
  { batchAppend = true }: EventStoreDoubleOptions,
  { reads, appends, gossip, calls }: Calls,
): Server {
  const server = new Server({ 'grpc.max_receive_message_length': MESSAGE_MAX_BYTES });
  const counted =
    <Arguments extends unknown[]>(name: string, serve: (...args: Arguments) => void) =>
    (...args: Arguments) => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      serve(...args);
    };
  server.addService(strict(featuresRpc.ServerFeaturesService), {
    getSupportedMethods: counted(
      'ServerFeatures/GetSupportedMethods',
      (_call: unknown, answer: sendUnaryData<SupportedMethods>) =>
        answer(null, supportedMethods(batchAppend)),
    ),
  });
  server.addService(gossipRpc.GossipService, { read: counted('Gossip/Read', gossip.read) });
  server.addService(strict(streamsRpc.StreamsService), {
    read: counted('Streams/Read', reads.read),
    append: counted('Streams/Append', appends.append),
    batchAppend: counted('Streams/BatchAppend', appends.batchAppend),
    tombstone: counted('Streams/Tombstone', appends.tombstone),
  });
  return server;
}

function supportedMethods(batchAppend: boolean): SupportedMethods {
  const methods = new features.SupportedMethods();
  methods.setEventStoreServerVersion(VERSION);
  for (const name of ['read', 'append', ...(batchAppend ? ['batchappend'] : [])]) {
    const method = new features.SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    methods.addMethods(method);
  }
  return methods;
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
}
