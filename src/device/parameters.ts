// Parameters of a host model: defaults, and what a scenario may set.
import type { HostModel } from './host';

/**
 * A model's parameters with their defaults. Throws a RangeError that names the parameter, what was found and what is expected.
 */
export function parametersOf(
  model: HostModel,
  given: Readonly<Record<string, number | boolean>>,
): Readonly<Record<string, number | boolean>> {
  const values: Record<string, number | boolean> = {};
  for (const [name, parameter] of Object.entries(model.parameters)) values[name] = parameter.default;
  for (const [name, value] of Object.entries(given)) {
    const known = Object.hasOwn(model.parameters, name) ? model.parameters[name] : undefined;
    if (known === undefined) {
      const names = Object.keys(model.parameters).join(', ') || 'none';
      throw new RangeError(`host ${model.name} has no parameter ${JSON.stringify(name)}; it has: ${names}`);
    }
    if (!fits(value, known.default)) {
      const expected = typeof known.default === 'boolean' ? 'true or false' : 'a whole number, at least 0';
      throw new RangeError(
        `host ${model.name}: parameter ${name} = ${String(value)}: expected ${expected} (${known.description})`,
      );
    }
    values[name] = value;
  }
  return values;
}

function fits(value: number | boolean, like: number | boolean): boolean {
  if (typeof like === 'boolean') return typeof value === 'boolean';
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
