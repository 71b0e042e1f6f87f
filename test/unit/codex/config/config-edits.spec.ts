import { parse } from 'smol-toml';
import { applyToText, type ConfigEdit, revertText, toEnginePath } from '../../../../src/codex/config/config-edits.js';

const USERS = `# Mine
model = "qwen" # the best
model_provider = 'ollama'
approval_policy = "auto"

[model_providers."ollama"] # local
name = "LM # Studio"
base_url = """http://localhost:1234/v1"""
wire_api   =   'chat'   # old

[model_providers.ollama.http_headers]
X-A = "b"

[mcp_servers.github]
transport = "streamable_http"
args = [ # many
  "a", "]", # ]
]
url = "https://api.github.com/mcp"

[profiles.fast]
model_provider = "ollama"
`;

const EDITS: ConfigEdit[] = [
  { kind: 'set', path: ['model_providers', 'ollama', 'wire_api'], from: 'chat', to: 'responses' },
  { kind: 'set', path: ['approval_policy'], from: 'auto', to: 'on-request' },
  { kind: 'leave-out', path: ['mcp_servers', 'github', 'transport'] },
  { kind: 'rename-provider', from: 'ollama', to: 'ollama-custom' },
];

const ENGINES = `# Mine
model = "qwen" # the best
model_provider = "ollama-custom"
approval_policy = "on-request"

[model_providers.ollama-custom] # local
name = "LM # Studio"
base_url = """http://localhost:1234/v1"""
wire_api   =   "responses"   # old

[model_providers.ollama-custom.http_headers]
X-A = "b"

[mcp_servers.github]
#codex-web-server# transport = "streamable_http"
args = [ # many
  "a", "]", # ]
]
url = "https://api.github.com/mcp"

[profiles.fast]
model_provider = "ollama-custom"
`;

describe("the engine's copy of a configuration", () => {
  it('differs from the file only in what had to be translated', () => {
    expect(applyToText(USERS, parse(USERS), EDITS)).toEqual({ text: ENGINES, isReversible: true });
  });

  it('becomes the file again, after the engine has changed something else in it', () => {
    const edited = ENGINES.replace('"qwen"', '"other"').replace('X-A = "b"', 'X-A = "b"\nX-C = "d"');
    expect(revertText(edited, USERS, EDITS)).toBe(
      USERS.replace('"qwen"', '"other"').replace('X-A = "b"', 'X-A = "b"\nX-C = "d"'),
    );
  });

  it('keeps what the engine has written in the place of a translated value', () => {
    const edited = ENGINES.replace('approval_policy = "on-request"', 'approval_policy = "never"');
    expect(parse(revertText(edited, USERS, EDITS) ?? '')).toMatchObject({
      approval_policy: 'never',
      model_provider: 'ollama',
    });
  });

  it.each([
    ['dotted keys', 'model_providers.ollama.name = "x"\nmodel_providers.ollama.wire_api = "chat"\n'],
    ['a table of tables', '[model_providers]\nollama.name = "x"\nollama.wire_api = "chat"\n'],
    ['line ends of Windows', '[model_providers.ollama]\r\nname = "x"\r\nwire_api = "chat"\r\n'],
  ])('can be taken back from a file with %s', (_name, text) => {
    const { text: copy, isReversible } = applyToText(text, parse(text), [EDITS[0]!, EDITS[3]!]);
    expect(isReversible).toBe(true);
    expect(parse(copy)).toEqual({ model_providers: { 'ollama-custom': { name: 'x', wire_api: 'responses' } } });
    expect(revertText(copy, text, [EDITS[0]!, EDITS[3]!])).toBe(text);
  });

  it('means the same, but can not be taken back, where the file has inline tables', () => {
    const text = 'model_providers = { ollama = { name = "x", wire_api = "chat" } }\n';
    const { text: copy, isReversible } = applyToText(text, parse(text), [EDITS[0]!, EDITS[3]!]);
    expect(isReversible).toBe(false);
    expect(parse(copy)).toEqual({ model_providers: { 'ollama-custom': { name: 'x', wire_api: 'responses' } } });
  });

  it('has the paths of a renamed provider under its new name', () => {
    expect(toEnginePath(['model_providers', 'ollama', 'name'], EDITS)).toEqual([
      'model_providers',
      'ollama-custom',
      'name',
    ]);
    expect(toEnginePath(['model'], EDITS)).toEqual(['model']);
  });
});
