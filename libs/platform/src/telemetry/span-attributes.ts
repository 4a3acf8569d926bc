import type { SpanAttributes } from './tracing.port.js';

export interface AttributeLimits {
  readonly count: number;
  /** Characters of a text, and of each text in a list. */
  readonly valueLength: number;
}

const OF_EACH_VALUE = 32;
const OF_EACH_TEXT = 8;

type Value = NonNullable<SpanAttributes[string]>;
/** As the exporters take them. */
type KeptValue = string | number | boolean | string[];

/**
 * Attributes as they leave: without what is undefined, and no more than the limits allow. They are put together when they are
 * first looked at, which those of a span that is lost never are.
 */
export class LimitedAttributes {
  private readonly kept: Record<string, KeptValue> = {};
  private said: SpanAttributes[] = [];
  private size = 0;
  private tooMany = 0;
  /** At least as many as there are. */
  private count = 0;

  constructor(private readonly limits: AttributeLimits) {}

  get values(): Record<string, KeptValue> {
    this.settle();
    return this.kept;
  }

  /** About how many bytes they have. */
  get bytes(): number {
    this.settle();
    return this.size;
  }

  /** Those that were too many. */
  get dropped(): number {
    this.settle();
    return this.tooMany;
  }

  /** They must not change any more. */
  add(attributes: SpanAttributes): void {
    this.said.push(attributes);
  }

  private settle(): void {
    if (this.said.length === 0) return;
    const { said } = this;
    this.said = [];
    for (const attributes of said) {
      for (const key in attributes) {
        const value = attributes[key];
        if (value !== undefined) this.set(key, value);
      }
    }
  }

  private set(key: string, value: Value): void {
    if (this.count >= this.limits.count && !this.hasRoomFor(key)) {
      this.tooMany += 1;
      return;
    }
    const kept = cut(value, this.limits.valueLength);
    this.kept[key] = kept;
    this.count += 1;
    this.size += key.length + sizeOf(kept);
  }

  private hasRoomFor(key: string): boolean {
    this.count = Object.keys(this.kept).length;
    return this.count < this.limits.count || Object.hasOwn(this.kept, key);
  }
}

function cut(value: Value, maxLength: number): KeptValue {
  if (typeof value === 'string') {
    return value.length <= maxLength ? value : value.slice(0, maxLength);
  }
  if (typeof value !== 'object') return value;
  return value.map((text) => text.slice(0, maxLength));
}

function sizeOf(value: KeptValue): number {
  if (typeof value === 'string') return OF_EACH_VALUE + value.length;
  if (typeof value !== 'object') return OF_EACH_VALUE;
  return value.reduce((sum, text) => sum + OF_EACH_TEXT + text.length, OF_EACH_VALUE);
}
