import { ValidateBy } from 'class-validator';

const NAME = /^[^=\0]+$/;

/** A map of names of variables to their text, or to `null`. */
export function IsEnvironment(): PropertyDecorator {
  return ValidateBy({
    name: 'isEnvironment',
    validator: {
      validate: isEnvironment,
      defaultMessage: () => '$property must map names of variables to strings or null',
    },
  });
}

function isEnvironment(value: unknown): boolean {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap && Object.entries(value).every(([name, text]) => NAME.test(name) && isText(text));
}

function isText(value: unknown): boolean {
  return value === null || (typeof value === 'string' && !value.includes('\0'));
}
