import { settingsOf } from '../../../../src/core/engine/key-path.js';
import { ConfigKeys, type KeyAccess } from '../../../../src/core/permissions/config-keys.js';

const KEYS = new ConfigKeys({
  open: ['model', 'tools.search', 'tools.search.size', 'desktop.**', 'features.goals', '"a.b".c'],
  ceiling: ['sandbox.network'],
  admin: ['servers.**', 'sandbox.roots', 'features.hooks', 'desktop.program'],
  file: ['projects.**'],
});

const needsOf = (key: string, value: unknown): [string, KeyAccess][] =>
  settingsOf(key, value).map((setting) => {
    const { key: name, access, isClassified } = KEYS.needOf(setting);
    return [isClassified ? name : `${name}?`, access];
  });

const most = (key: string, value: unknown): KeyAccess => {
  const order: KeyAccess[] = ['open', 'ceiling', 'admin', 'file'];
  return order[Math.max(...needsOf(key, value).map(([, access]) => order.indexOf(access)))] ?? 'file';
};

describe('who may set a key', () => {
  it.each<[string, unknown, KeyAccess]>([
    ['model', 'x', 'open'],
    ['"model"', 'x', 'open'],
    ['tools.search', true, 'open'],
    ['tools', { search: { size: 1 } }, 'open'],
    ['tools.search', [{ size: 1 }], 'open'],
    ['desktop', { any: { thing: [{ at: 'all' }] } }, 'open'],
    ['desktop."a.b".c', 1, 'open'],
    ['features', { goals: true }, 'open'],
    ['features', {}, 'open'],
    ['"a.b".c', 1, 'open'],
    ['sandbox', { network: true }, 'ceiling'],
    ['servers', {}, 'admin'],
    ['servers.x.command', 'sh', 'admin'],
    ['servers', null, 'admin'],
    ['features', { goals: true, hooks: true }, 'admin'],
    ['desktop', { program: 'sh' }, 'admin'],
    ['desktop.program.args', [], 'admin'],
    ['projects', {}, 'file'],
    ['projects."/x".trust', 1, 'file'],
  ])('%s = %j: %s', (key, value, access) => {
    expect(most(key, value)).toBe(access);
  });

  it.each<[string, unknown]>([
    ['a_later_key', 1],
    ['a_later_table', {}],
    ['features.a_later_one', true],
    ['features', { a_later_one: true }],
    ['features.goals', { a_later_part: 1 }],
    ['features', [{ a_later_one: true }]],
    ['model.x', 1],
    ['MODEL', 'x'],
    ['Features.goals', true],
    ['"features.goals"', true],
    ['features."goals.x"', true],
    ['features.0', true],
    ['tools.search.0.size', 1],
    ['0', true],
    ['a.b.c', 1],
    ['hasOwnProperty', 1],
    ['toString.x', 1],
    ['features.valueOf', true],
  ])('%s = %j is admin’s, since nobody has classified it', (key, value) => {
    const last = needsOf(key, value).find(([name]) => name.endsWith('?'));
    expect(last?.[1]).toBe('admin');
  });

  it.each<[string, unknown, string, KeyAccess]>([
    ['features', null, 'features.hooks', 'admin'],
    ['features', 'x', 'features.hooks', 'admin'],
    ['features', [], 'features.hooks', 'admin'],
    ['sandbox', null, 'sandbox.roots', 'admin'],
    ['desktop', null, 'desktop.program', 'admin'],
    ['tools', null, 'tools', 'open'],
    ['tools.search', null, 'tools.search', 'open'],
  ])('%s = %j takes a whole table away, and needs what %s does', (key, value, name, access) => {
    expect(needsOf(key, value)[0]).toEqual([name, access]);
  });

  it('is said once for each key', () => {
    expect(() => new ConfigKeys({ open: ['a.b'], ceiling: [], admin: ['a.b.**'], file: [] })).toThrow(
      'a.b is classified twice',
    );
  });
});
