import { toEnvironmentWarnings } from '../../../src/settings/environment-warnings.js';
import { findOrigin } from '../../../src/settings/find-origin.js';
import { parseSettings, type ParsedSettings } from '../../../src/settings/parse-settings.js';

const PATHS = { cwd: '/work', homeDir: '/home/me' };

function parse(argv: string[], env: Record<string, string>): Parameters<typeof toEnvironmentWarnings>[0] {
  const { values, sources, engineEnv } = parseSettings(argv, env, PATHS) as ParsedSettings;
  return { ...values, sources, engineEnv };
}

describe('the variables that stand for values of config.toml', () => {
  it('are each told once, with what they became', () => {
    const env = { CODEX_MODEL: 'qwen', CODEX_PROVIDER: 'ollama', CODEX_APPROVAL_POLICY: 'unless-allow-listed' };
    expect(toEnvironmentWarnings(parse([], env))).toEqual([
      'CODEX_MODEL="qwen" became model = "qwen", and wins over config.toml.',
      'CODEX_PROVIDER="ollama" became model_provider = "ollama", and wins over config.toml.',
      'CODEX_APPROVAL_POLICY="unless-allow-listed" became approval_policy = "untrusted", and wins over config.toml.',
    ]);
  });

  it('say so when the command line leaves them without effect', () => {
    expect(toEnvironmentWarnings(parse(['--model', 'x'], { CODEX_MODEL: 'y' }))).toEqual([
      'CODEX_MODEL has no effect: --model wins.',
    ]);
  });

  it('say nothing when they are not set', () => {
    expect(toEnvironmentWarnings(parse(['--model', 'x'], { CODEX_MODEL: ' ' }))).toEqual([]);
  });

  it.each([
    ['auto', 'on-request'],
    ['on-failure', 'on-request'],
    ['unless-allow-listed', 'untrusted'],
    ['untrusted', 'untrusted'],
    ['never', 'never'],
  ])('take the approval policy "%s" for "%s"', (given, policy) => {
    expect(parse([], { CODEX_APPROVAL_POLICY: given }).approvalPolicy).toBe(policy);
    expect(parse(['--approval-policy', given], {}).approvalPolicy).toBe(policy);
  });
});

describe('the origin of a setting', () => {
  it('is the flag, or the variable that is set', () => {
    expect(findOrigin(parse(['--model', 'x'], {}), 'model')).toBe('--model');
    expect(findOrigin(parse([], { CODEX_SERVER_PORT: '7' }), 'port')).toBe('CODEX_SERVER_PORT');
  });
});
