import { camelKey, snakeKey, snakeValue } from '../../../../src/codex/protocol/snake-key.js';

describe('snakeKey', () => {
  it.each([
    ['mcpServers', 'mcp_servers'],
    ['originUrl', 'origin_url'],
    ['durationMs', 'duration_ms'],
    ['processId', 'process_id'],
    ['aggregatedOutput', 'aggregated_output'],
    ['excludeSlashTmp', 'exclude_slash_tmp'],
    ['originURL', 'origin_url'],
    ['HTTPStatusCode', 'http_status_code'],
    ['gatewayOAuth', 'gateway_oauth'],
    ['deltaBase64', 'delta_base64'],
    ['v2Ready', 'v2_ready'],
    ['PreToolUse', 'pre_tool_use'],
    ['ca-certificate', 'ca_certificate'],
    ['execpolicy_amendment', 'execpolicy_amendment'],
    ['_meta', '_meta'],
    ['$schema', '$schema'],
    ['__proto__', '__proto__'],
    ['a path/With.Dots', 'a path/With.Dots'],
  ])('%s → %s', (name, expected) => {
    expect(snakeKey(name)).toBe(expected);
  });

  it('is at rest on its own results', () => {
    expect(snakeKey(snakeKey('threadTokenUsageUpdated'))).toBe('thread_token_usage_updated');
  });
});

describe('camelKey', () => {
  it.each([
    ['brand_new_field', 'brandNewField'],
    ['ready_v2', 'readyV2'],
    ['plain', 'plain'],
    ['_meta', '_meta'],
    ['__proto__', '__proto__'],
    ['alreadyCamel', 'alreadyCamel'],
  ])('%s → %s', (name, expected) => {
    expect(camelKey(name)).toBe(expected);
  });
});

describe('snakeValue', () => {
  it.each([
    ['inProgress', 'in_progress'],
    ['oAuth', 'oauth'],
    ['socks5Tcp', 'socks5_tcp'],
    ['workspace-write', 'workspace-write'],
    ['on-request', 'on-request'],
    ['openai/userVerification', 'openai/userVerification'],
    ['AGENTS_MD', 'AGENTS_MD'],
    ['usage_limit', 'usage_limit'],
  ])('%s → %s', (value, expected) => {
    expect(snakeValue(value)).toBe(expected);
  });
});
