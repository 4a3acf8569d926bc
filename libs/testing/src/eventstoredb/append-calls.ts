import {
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerErrorResponse,
  type ServerReadableStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import rpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  TombstoneReq,
  TombstoneResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { delayed, type Behaviour } from './behaviour.js';
import {
  emptyFields,
  identifierOf,
  nameOf,
  notLeader,
  proposedOf,
  refuse,
  streamDeleted,
  uuidText,
  wrongRevision,
} from './protocol.js';
import type {
  AppendOutcome,
  Expectation,
  ProposedEvent,
  RecordedEvents,
} from './recorded-events.js';

// Numbers of google.rpc.Status.details, and of WrongExpectedVersion.current_no_stream and .expected_no_stream.
const STATUS_DETAILS = 3;
const CURRENT_NO_STREAM = 2;
const EXPECTED_NO_STREAM = 6;
const INVALID_ARGUMENT = 3;
const FAILED_PRECONDITION = 9;
const NO_EXPECTATION = 'an append must say which revision it expects';

interface Append {
  readonly stream: string;
  readonly expected: Expectation | undefined;
  readonly events: ProposedEvent[];
}

/** What an append call does, of either kind. */
export class AppendCalls {
  constructor(
    private readonly recorded: RecordedEvents,
    private readonly behaviour: Behaviour,
  ) {}

  readonly append = (
    call: ServerReadableStream<AppendReq, AppendResp>,
    answer: sendUnaryData<AppendResp>,
  ): void => {
    let append: Append | undefined;
    call.on('data', (request: AppendReq) => {
      const options = request.getOptions();
      if (options) {
        const expected = expectationOf(options, () => options.getRevision());
        append = { stream: nameOf(options.getStreamIdentifier()), expected, events: [] };
      }
      const proposed = request.getProposedMessage();
      if (proposed) append?.events.push(proposedOf(proposed));
    });
    call.on('end', () => {
      if (append === undefined) return answer(refuse(status.INVALID_ARGUMENT, 'no options'));
      const { stream, expected } = append;
      this.#store(append, (outcome) => answerOne({ stream, expected }, outcome, answer), answer);
    });
  };

  readonly tombstone = (
    { request }: ServerUnaryCall<TombstoneReq, TombstoneResp>,
    answer: sendUnaryData<TombstoneResp>,
  ): void => {
    const options = request.getOptions();
    const stream = nameOf(options?.getStreamIdentifier());
    if (this.recorded.isDeleted(stream)) return answer(streamDeleted(stream));
    const current = this.recorded.stream(stream).at(-1)?.revision;
    const expected = options?.hasRevision() ? Number(options.getRevision()) : undefined;
    if (expected === undefined) return answer(refuse(status.INVALID_ARGUMENT, NO_EXPECTATION));
    if (expected !== current) return answer(wrongRevision(stream, expected, current));
    this.recorded.delete(stream);
    answer(null, new streams.TombstoneResp().setNoPosition(new shared.Empty()));
  };

  readonly batchAppend = (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void => {
    const open = new Map<string, Append>();
    call.on('data', (request: BatchAppendReq) => {
      const id = uuidText(request.getCorrelationId());
      const options = request.getOptions();
      if (options) {
        const expected = expectationOf(options, () => options.getStreamPosition());
        open.set(id, { stream: nameOf(options.getStreamIdentifier()), expected, events: [] });
      }
      const append = open.get(id);
      append?.events.push(...request.getProposedMessagesList().map(proposedOf));
      if (append === undefined || !request.getIsFinal()) return;
      open.delete(id);
      const respond = (outcome: AppendOutcome | undefined) =>
        call.write(batchAnswer(request, append, outcome));
      this.#store(append, respond, (error) => call.emit('error', error));
    });
    call.on('end', () => call.end());
  };

  /** `undefined` stands for an append that expects nothing, which is refused. */
  #store(
    append: Append,
    respond: (outcome: AppendOutcome | undefined) => void,
    fail: (error: ServerErrorResponse) => void,
  ): void {
    const { behaviour } = this;
    delayed(behaviour, () => {
      if (behaviour.leaderPort !== undefined) return fail(notLeader(behaviour.leaderPort));
      const { stream, expected, events } = append;
      if (expected === undefined) return respond(undefined);
      const outcome = this.recorded.append(stream, expected, events);
      if (behaviour.silentAppends > 0) behaviour.silentAppends -= 1;
      else if (behaviour.brokenAppends > 0) {
        behaviour.brokenAppends -= 1;
        fail(refuse(status.UNAVAILABLE, 'the connection broke'));
      } else respond(outcome);
    });
  }
}

interface Expecting {
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
  hasAny(): boolean;
}

function expectationOf(options: Expecting, revision: () => string): Expectation | undefined {
  if (options.hasNoStream()) return 'no-stream';
  if (options.hasStreamExists()) return 'stream-exists';
  return options.hasAny() ? undefined : Number(revision());
}

function answerOne(
  { stream, expected }: Omit<Append, 'events'>,
  outcome: AppendOutcome | undefined,
  answer: sendUnaryData<AppendResp>,
): void {
  if (outcome === undefined) return answer(refuse(status.INVALID_ARGUMENT, NO_EXPECTATION));
  if (outcome.kind === 'deleted') return answer(streamDeleted(stream));
  const response = new streams.AppendResp();
  if (outcome.kind === 'stored') {
    const position = new streams.AppendResp.Position();
    position.setCommitPosition(String(outcome.position));
    position.setPreparePosition(String(outcome.position));
    const success = new streams.AppendResp.Success();
    success.setCurrentRevision(String(outcome.revision));
    response.setSuccess(success.setPosition(position));
  } else {
    const wrong = new streams.AppendResp.WrongExpectedVersion();
    if (outcome.current === undefined) wrong.setCurrentNoStream(new shared.Empty());
    else wrong.setCurrentRevision(String(outcome.current));
    if (typeof expected === 'number') wrong.setExpectedRevision(String(expected));
    else wrong.setExpectedNoStream(new shared.Empty());
    response.setWrongExpectedVersion(wrong);
  }
  answer(null, response);
}

function batchAnswer(
  request: BatchAppendReq,
  append: Append,
  outcome: AppendOutcome | undefined,
): BatchAppendResp {
  const response = new streams.BatchAppendResp();
  response.setCorrelationId(request.getCorrelationId());
  response.setStreamIdentifier(identifierOf(append.stream));
  if (outcome?.kind === 'stored') {
    const position = new shared.AllStreamPosition();
    position.setCommitPosition(String(outcome.position));
    position.setPreparePosition(String(outcome.position));
    const success = new streams.BatchAppendResp.Success();
    success.setCurrentRevision(String(outcome.revision));
    return response.setSuccess(success.setPosition(position));
  }
  return response.setError(batchError(append, outcome));
}

function batchError(append: Append, outcome: AppendOutcome | undefined) {
  const error = rpc.Status.deserializeBinary(emptyFields(STATUS_DETAILS));
  error.setCode(outcome === undefined ? INVALID_ARGUMENT : FAILED_PRECONDITION);
  error.setMessage(outcome?.kind ?? NO_EXPECTATION);
  const { name, details } = detailsOf(append, outcome);
  error.getDetails()?.pack(details.serializeBinary(), `event_store.client.${name}`);
  return error;
}

function detailsOf({ expected }: Append, outcome: AppendOutcome | undefined) {
  if (outcome === undefined) {
    return { name: 'BadRequest', details: new shared.BadRequest().setMessage(NO_EXPECTATION) };
  }
  if (outcome.kind !== 'conflict') {
    return { name: 'StreamDeleted', details: new shared.StreamDeleted() };
  }
  const empty = [
    ...(outcome.current === undefined ? [CURRENT_NO_STREAM] : []),
    ...(typeof expected === 'number' ? [] : [EXPECTED_NO_STREAM]),
  ];
  const details = shared.WrongExpectedVersion.deserializeBinary(emptyFields(...empty));
  if (outcome.current !== undefined) details.setCurrentStreamRevision(String(outcome.current));
  if (typeof expected === 'number') details.setExpectedStreamPosition(String(expected));
  return { name: 'WrongExpectedVersion', details };
}
