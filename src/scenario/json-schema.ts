// The JSON schemas that editors complete and check files by, made of the same fields as the loaders. Pure.
import { firstField, type Field, type RecordShape, type Shape } from './shape';
import { SCENARIO } from './spec';

type Json = { readonly [key: string]: unknown };

/** The schema of scenario files. */
export const scenarioSchema = (): Json => fileSchema('Virtio Lab scenario', SCENARIO);

/** The schema of a file format, draft 7: what VS Code understands best. */
export function fileSchema(title: string, shape: RecordShape): Json {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    allowComments: true,
    allowTrailingCommas: true,
    ...schemaOf(shape),
  };
}

function schemaOf(shape: Shape): Json {
  switch (shape.kind) {
    case 'text':
      return textSchema(shape);
    case 'integer':
      return { type: 'integer', minimum: shape.min, maximum: shape.max };
    case 'number':
      return { type: 'number' };
    case 'flag':
      return { type: 'boolean' };
    case 'choice':
      return { enum: shape.values, ...(shape.titles === undefined ? {} : { enumDescriptions: shape.titles }) };
    case 'scalar':
      return { type: ['number', 'string'] };
    case 'parameter':
      return {
        type: ['integer', 'boolean', 'string'],
        minimum: Number.MIN_SAFE_INTEGER,
        maximum: Number.MAX_SAFE_INTEGER,
      };
    case 'json':
      return {};
    case 'list':
      return { type: 'array', items: schemaOf(shape.of), minItems: shape.min, maxItems: shape.max };
    case 'map':
      return {
        type: 'object',
        propertyNames: { pattern: shape.key.source },
        additionalProperties: schemaOf(shape.of),
        maxProperties: shape.max,
      };
    case 'record':
      return recordSchema(shape);
    case 'tagged':
      return taggedSchema(shape);
    case 'either':
      return {
        anyOf: [
          ...shape.cases.map(recordSchema),
          ...(shape.orNull === undefined ? [] : [{ type: 'null', description: shape.orNull }]),
        ],
        defaultSnippets: shape.cases.map((c) => ({ label: firstField(c), body: { [firstField(c)]: '$1' } })),
      };
  }
}

/** A list of known names is completed, and a name outside it marked: no device has a feature that is not there. */
function textSchema({ expected, pattern, max, known }: Extract<Shape, { kind: 'text' }>): Json {
  if (known !== undefined) return { type: 'string', enum: known };
  return {
    type: 'string',
    maxLength: max,
    ...(pattern === undefined ? { minLength: 1 } : { pattern: ecma(pattern) }),
    patternErrorMessage: `Expected ${expected}.`,
  };
}

/** As a schema's patterns are: no flags, no control characters. */
function ecma(pattern: RegExp): string {
  return pattern.source.replace('\\0', '\\u0000');
}

function recordSchema({ fields }: RecordShape): Json {
  const required = Object.entries(fields).flatMap(([name, { absent }]) => (absent === 'required' ? [name] : []));
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function fieldSchema({ shape, description, absent }: Field): Json {
  return {
    description: description.replaceAll('`', ''),
    markdownDescription: description,
    ...(typeof absent === 'object' ? { default: absent.value } : {}),
    ...schemaOf(shape),
  };
}

/** The tag is offered first; the case that it names then says what else there is. */
function taggedSchema({ tag, cases }: Extract<Shape, { kind: 'tagged' }>): Json {
  const names = Object.keys(cases);
  const titles = names.map((name) => cases[name]?.fields[tag]?.description ?? '');
  return {
    type: 'object',
    properties: { [tag]: { enum: names, enumDescriptions: titles } },
    required: [tag],
    allOf: names.map((name) => ({
      if: { properties: { [tag]: { const: name } }, required: [tag] },
      then: recordSchema(cases[name] ?? { kind: 'record', fields: {} }),
    })),
    defaultSnippets: names.map((name) => ({ label: name, body: { [tag]: name } })),
  };
}
