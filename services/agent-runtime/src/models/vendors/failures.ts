import { isObject } from '../../registry/entries/placed-json.js';

/** What a vendor says went wrong, in whichever of its forms. */
export interface VendorFailure {
  readonly message: string;
  /** Of HTTP, where it was named. */
  readonly status?: number;
  /** Type, code and status, as the vendor calls them. */
  readonly words: string;
}

/** A failure that an event of the stream tells of. */
export class StreamFailure extends Error {
  override readonly name = 'StreamFailure';

  constructor(readonly failure: VendorFailure) {
    super(failure.message);
  }
}

/** Undefined of a body, or event, that tells of none. Clients drop some events, and of others what they said. */
export function failureIn(told: unknown): VendorFailure | undefined {
  const error = errorIn(told);
  if (typeof error === 'string') return { message: error, words: '' };
  if (!isObject(error)) return undefined;
  const { message, type, code, status } = error;
  const words = [type, code, status].filter(isWord).join(' ');
  const number = [status, code].map(Number).find((each) => each >= 400 && each <= 599);
  return { message: isWord(message) ? String(message) : words, words, status: number };
}

/** The model's own no, which some APIs tell beside its texts. */
export function refusalIn(event: unknown): string | undefined {
  if (!isObject(event)) return undefined;
  const { type, refusal, choices } = event;
  if (type === 'response.refusal.done' && typeof refusal === 'string') return refusal;
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const delta = isObject(choice) ? choice['delta'] : undefined;
  const said = isObject(delta) ? delta['refusal'] : undefined;
  return typeof said === 'string' && said !== '' ? said : undefined;
}

function errorIn(told: unknown): unknown {
  if (!isObject(told)) return undefined;
  const { type, error, response } = told;
  if (isTold(error)) return error;
  if (type === 'error' || told['object'] === 'error') return told;
  if (type === 'response.failed') return isObject(response) ? response['error'] : undefined;
  // AWS names them so.
  const [name, said] = Object.entries(told).find(([key]) => key.endsWith('Exception')) ?? [];
  return isObject(said) ? { ...said, code: name } : undefined;
}

/** Some have an empty one in everything they send. */
function isTold(error: unknown): boolean {
  return isObject(error) ? Object.keys(error).length > 0 : isWord(error);
}

function isWord(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}
