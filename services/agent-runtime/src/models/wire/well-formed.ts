/** The value with every half of a character, which no JSON reader takes, replaced in every text and name. */
export function wellFormed<Value>(value: Value): Value {
  return fixed(value) as Value;
}

function fixed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(fixed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name.toWellFormed(), fixed(part)]),
  );
}
