import { components } from './generated-files.js';

const SNAKE_CASE = /^[_$]?[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

type Node = Record<string, unknown>;

function visit(value: unknown, onNode: (node: Node) => void): void {
  if (typeof value === 'object' && value !== null) {
    onNode(value as Node);
    Object.values(value).forEach((child) => {
      visit(child, onNode);
    });
  }
}

function collect<T>(pick: (node: Node) => T[]): T[] {
  const found: T[] = [];
  visit(components, (node) => found.push(...pick(node)));
  return found;
}

describe('the OpenAPI components', () => {
  it('name every property in snake_case', () => {
    const names = collect((node) =>
      typeof node.properties === 'object' && node.properties !== null ? Object.keys(node.properties) : [],
    );
    expect(names.filter((name) => !SNAKE_CASE.test(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(1000);
  });

  it('describe themselves', () => {
    const silent = Object.entries(components).filter(([, { description }]) => (description ?? '') === '');
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it('refer only to each other', () => {
    const targets = collect((node) => (typeof node.$ref === 'string' ? [node.$ref] : []));
    const dangling = targets.filter((target) => !(target.replace('#/components/schemas/', '') in components));
    expect(dangling).toEqual([]);
  });

  it('have discriminators that each variant answers to', () => {
    const wrong = Object.entries(components).flatMap(([name, component]) => {
      const discriminator = component.discriminator as
        { propertyName: string; mapping: Record<string, string> } | undefined;
      return Object.entries(discriminator?.mapping ?? {}).flatMap(([value, target]) => {
        const variant = components[target.replace('#/components/schemas/', '')] as {
          properties: Record<string, { enum?: string[] }>;
          required: string[];
        };
        const key = discriminator!.propertyName;
        return !variant.required.includes(key) || variant.properties[key]?.enum?.[0] !== value ? [name] : [];
      });
    });
    expect(wrong).toEqual([]);
  });

  it('have the item variants that the surface shows', () => {
    const { discriminator } = components.EngineThreadItem as { discriminator: { mapping: Record<string, string> } };
    expect(discriminator.mapping.agent_message).toBe('#/components/schemas/EngineAgentMessageThreadItem');
  });
});
