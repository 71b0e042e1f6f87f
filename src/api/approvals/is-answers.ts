import { ValidateBy } from 'class-validator';

/** A map from question ids to lists of strings. */
export function IsAnswers(): PropertyDecorator {
  return ValidateBy({
    name: 'isAnswers',
    validator: {
      validate: isAnswers,
      defaultMessage: () => '$property must map each question id to a list of strings',
    },
  });
}

function isAnswers(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  return Object.values(value).every(
    (texts) => Array.isArray(texts) && texts.length <= 100 && texts.every((text) => typeof text === 'string'),
  );
}
