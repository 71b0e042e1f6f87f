import { ToolRegistry } from '../../../../src/gateway/request/tool-registry.js';

describe('the names of tools', () => {
  it('are what they are where the wires can say them', () => {
    const book = new ToolRegistry();
    expect(book.nameOf({ kind: 'function', name: 'exec_command', namespace: undefined })).toBe('exec_command');
    expect(book.nameOf({ kind: 'function', name: 'search', namespace: 'mcp__docs__' })).toBe('mcp__docs__search');
  });

  it('are shortened and made of plain characters otherwise, and lead back to the tool', () => {
    const book = new ToolRegistry();
    const tool = { kind: 'function', name: `look.up ${'x'.repeat(80)}`, namespace: 'mcp__a' } as const;
    const name = book.nameOf(tool);
    expect(name).toMatch(/^mcp__a__look_up_x+_[0-9a-f]{8}$/);
    expect(name).toHaveLength(64);
    expect(book.find(name)).toEqual(tool);
    expect(book.nameOf(tool)).toBe(name);
  });

  it('differ where two tools would have the same', () => {
    const book = new ToolRegistry();
    const flat = book.nameOf({ kind: 'function', name: 'a__b', namespace: undefined });
    const nested = book.nameOf({ kind: 'function', name: 'b', namespace: 'a' });
    expect(nested).not.toBe(flat);
    expect(book.find(nested)).toMatchObject({ name: 'b', namespace: 'a' });
    expect(book.find(flat)).toMatchObject({ name: 'a__b' });
  });

  it('that nobody has offered are functions', () => {
    expect(new ToolRegistry().find('made_up')).toEqual({ kind: 'function', name: 'made_up', namespace: undefined });
  });
});
