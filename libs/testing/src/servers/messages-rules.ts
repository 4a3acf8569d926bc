interface Block {
  readonly type: string;
  readonly text?: string;
  readonly content?: string;
  readonly is_error?: boolean;
  readonly name?: string;
  readonly id?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
}

interface Turn {
  readonly role: string;
  readonly content: string | readonly Block[];
}

interface Tool {
  readonly name: string;
  readonly input_schema: Readonly<Record<string, unknown>>;
}

interface Body {
  readonly model?: string;
  readonly temperature?: number;
  readonly system?: string;
  readonly tools?: readonly Tool[];
  readonly messages?: readonly Turn[];
}

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const PROPERTY_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;
/** Models that take no temperature any more. */
const NO_SAMPLING = /claude-(opus-(4-[78]|5)|sonnet-5|haiku-5|fable|mythos)/;
const COMBINATORS = ['oneOf', 'allOf', 'anyOf'];

/**
 * Why the Messages API would answer 400 to a request, as public reports of bugs quote it; undefined when nothing is known
 * against it.
 */
export function objectionTo(body: Readonly<Record<string, unknown>>): string | undefined {
  const { tools = [], messages = [] } = body as Body;
  const names = new Set(tools.map(({ name }) => name));
  const isTwice = names.size < tools.length;
  return firstOf([
    isWellFormed(body)
      ? undefined
      : 'The request body is not valid JSON: no low surrogate in string',
    objectionToSettings(body),
    isTwice ? 'tools: Tool names must be unique.' : undefined,
    ...tools.map(objectionToTool),
    objectionToTurns(messages),
  ]);
}

function objectionToSettings({ model = '', temperature, system }: Body): string | undefined {
  if (temperature !== undefined && NO_SAMPLING.test(model)) {
    return '`temperature` is deprecated for this model.';
  }
  const isBlank = system?.trim() === '';
  return isBlank ? 'system: text content blocks must contain non-whitespace text' : undefined;
}

function objectionToTool({ name, input_schema: schema }: Tool): string | undefined {
  if (!TOOL_NAME.test(name)) return `tools: ${name}: String should match ${TOOL_NAME.source}`;
  if (schema['type'] !== 'object') return 'input_schema.type: Field required';
  if (COMBINATORS.some((keyword) => keyword in schema)) {
    return 'input_schema does not support oneOf, allOf, or anyOf at the top level';
  }
  const { required = [], properties = {} } = schema;
  if (!Array.isArray(required)) return 'JSON schema is invalid: required must be array';
  const isFit = Object.keys(properties as object).every((key) => PROPERTY_NAME.test(key));
  return isFit ? undefined : `Property keys should match pattern ${PROPERTY_NAME.source}`;
}

function objectionToTurns(turns: readonly Turn[]): string | undefined {
  if (turns[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  let open: readonly string[] = [];
  for (const { role, content } of turns) {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const objection = firstOf(blocks.map(objectionToBlock)) ?? objectionToOrder(blocks, open);
    if (objection !== undefined) return objection;
    open = role === 'assistant' ? idsOf(blocks, 'tool_use') : [];
  }
  return undefined;
}

function objectionToOrder(blocks: readonly Block[], open: readonly string[]): string | undefined {
  if (blocks.length === 0) return 'messages: all messages must have non-empty content';
  const results = idsOf(blocks, 'tool_result');
  if (open.toSorted().join() !== results.toSorted().join()) {
    return '`tool_use` ids were found without `tool_result` blocks immediately after';
  }
  const kinds = blocks.map(({ type }) => type);
  const isTextBefore = kinds.slice(0, kinds.lastIndexOf('tool_result') + 1).includes('text');
  return isTextBefore ? 'tool_result blocks must come first' : undefined;
}

function objectionToBlock(block: Block): string | undefined {
  switch (block.type) {
    case 'text':
      return isBlank(block.text)
        ? 'messages: text content blocks must contain non-whitespace text'
        : undefined;
    case 'tool_result':
      return block.is_error === true && isBlank(block.content)
        ? 'content cannot be empty if `is_error` is true'
        : undefined;
    case 'tool_use':
      return objectionToCall(block);
    default:
      return undefined;
  }
}

const isBlank = (text = '') => text.trim() === '';

function objectionToCall({ name = '', input }: Block): string | undefined {
  if (!TOOL_NAME.test(name)) return `tool_use.name: String should match ${TOOL_NAME.source}`;
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isObject ? undefined : 'tool_use.input: Input should be a valid dictionary';
}

const idsOf = (blocks: readonly Block[], type: string) =>
  blocks
    .filter((block) => block.type === type)
    .map(({ id, tool_use_id }) => id ?? tool_use_id ?? '');

const firstOf = (objections: readonly (string | undefined)[]) =>
  objections.find((objection) => objection !== undefined);

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, part]) => name.isWellFormed() && isWellFormed(part));
}
