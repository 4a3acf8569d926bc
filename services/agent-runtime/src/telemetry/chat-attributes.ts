import { attributeNames as names, type ShowText, type SpanAttributes } from '@skynet/platform';
import type { ModelAnswer, ModelRequest } from '../models/model.port.js';
import {
  answerMessage,
  instructionParts,
  isFirstCall,
  newMessages,
  toolDefinitions,
} from './message-parts.js';

/** Each message stands in the span of the call that told it first. */
export function requestContent(request: ModelRequest, show: ShowText): SpanAttributes {
  const { instructions, tools } = request;
  const isFirst = isFirstCall(request);
  return {
    [names.inputMessages]: newMessages(request, show),
    [names.systemInstructions]:
      isFirst && instructions !== undefined ? instructionParts(instructions, show) : undefined,
    [names.toolDefinitions]: isFirst && tools.length > 0 ? toolDefinitions(tools, show) : undefined,
  };
}

export function answerContent(answer: ModelAnswer, show: ShowText): SpanAttributes {
  return { [names.outputMessages]: answerMessage(answer, show) };
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
