import { attributeNames as names, type SpanAttributes } from '@skynet/platform';
import type { ModelAnswer, ModelRequest } from '../models/model.port.js';
import {
  answerMessage,
  instructionParts,
  isFirstCall,
  newMessages,
  toolDefinitions,
} from './message-parts.js';

/** Each message stands in the span of the call that told it first. */
export function requestContent(request: ModelRequest): SpanAttributes {
  const { instructions, tools } = request;
  const isFirst = isFirstCall(request);
  return {
    [names.inputMessages]: newMessages(request),
    [names.systemInstructions]:
      isFirst && instructions !== undefined ? instructionParts(instructions) : undefined,
    [names.toolDefinitions]: isFirst && tools.length > 0 ? toolDefinitions(tools) : undefined,
  };
}

export function answerContent(answer: ModelAnswer): SpanAttributes {
  return { [names.outputMessages]: answerMessage(answer) };
}

/** What the provider told of its answer. */
export function responseAttributes({ response = {} }: ModelAnswer): SpanAttributes {
  const { cacheReadTokens, cacheWriteTokens, finishReason, id, model } = response;
  return {
    [names.responseId]: id,
    [names.responseModel]: model,
    [names.finishReasons]: finishReason === undefined ? undefined : [finishReason],
    [names.cacheReadTokens]: cacheReadTokens,
    [names.cacheWriteTokens]: cacheWriteTokens,
  };
}
