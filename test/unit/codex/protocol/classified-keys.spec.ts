import { findClassificationFaults } from '../../../../scripts/generate/classified-keys.js';

it('names the keys of an engine that nobody has classified, and those that it no longer has', () => {
  const known = ['model', 'a_later_key', 'features.goals', 'features.a_later_one', 'tui.theme', 'servers', 'my_table'];
  const patterns = [
    'model',
    'features.goals',
    'features.gone',
    'tui.**',
    'servers.**',
    'gone.**',
    'my_table.key',
    'alias',
  ];
  expect(findClassificationFaults(patterns, known, ['alias'])).toEqual({
    unclassified: ['a_later_key', 'features.a_later_one', 'my_table'],
    unknown: ['features.gone', 'gone', 'my_table.key'],
  });
});
