import { type Settings, type SettingName } from './settings.js';

/** What is printed when the server is ready: where it listens, and what it runs with and who said so. Never a secret. */
export function toBanner(settings: Settings, url: string): string {
  const rows: [string, string | null, SettingName][] = [
    ['model', settings.model, 'model'],
    ['provider', settings.modelProvider, 'modelProvider'],
    ['approval policy', settings.approvalPolicy, 'approvalPolicy'],
    ['codex home', settings.codexHome, 'codexHome'],
    ['data', settings.dataDir, 'dataDir'],
    ['workspace', settings.workspaceRoots.join(', '), 'workspaceRoots'],
  ];
  const lines = rows.map(([label, value, name]) => {
    const shown = value ?? 'as config.toml says';
    return `  ${label.padEnd(16)} ${shown}  (${settings.sources[name]})`;
  });
  return [
    `codex-web-server listening on ${url}`,
    ...lines,
    ...(settings.isDemo ? ['  The model is the scripted one: it is no language model.'] : []),
    ...(settings.hasDocs ? [`  documentation    ${url}/docs`] : []),
    ...toTokenLines(settings, url),
    '',
  ].join('\n');
}

function toTokenLines({ authToken }: Settings, url: string): string[] {
  if (!authToken.wasGenerated) {
    return [`  token            ${authToken.path ?? 'CODEX_AUTH_TOKEN'}`];
  }
  return [
    `  token            made now, kept in ${authToken.path ?? ''}, shown only this once:`,
    '',
    `  curl -H 'Authorization: Bearer ${authToken.value}' ${url}/api/v2/threads`,
  ];
}
