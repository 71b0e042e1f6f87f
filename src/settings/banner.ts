import { type Settings, type SettingName } from './settings.js';

/** What is printed when the server is ready: where it listens, and what it runs with and who said so. Never a secret. */
export function toBanner(settings: Settings, { url, effective }: Running): string {
  const rows: [string, string, SettingName][] = [
    ['codex home', settings.codexHome, 'codexHome'],
    ['data', settings.dataDir, 'dataDir'],
    ['workspace', settings.workspaceRoots.join(', '), 'workspaceRoots'],
  ];
  const lines = rows.map(([label, value, name]) => `  ${label.padEnd(16)} ${value}  (${settings.sources[name]})`);
  return [
    `codex-web-server listening on ${url}`,
    ...effective.map(toEffectiveLine),
    ...lines,
    ...(settings.isDemo ? ['  The model is the scripted one: it is no language model.'] : []),
    ...(settings.hasDocs ? [`  documentation    ${url}/docs`] : []),
    ...toTokenLines(settings, url),
    '',
  ].join('\n');
}

interface Running {
  url: string;
  /** The engine's own settings, the strongest source of each. */
  effective: readonly Effective[];
}

interface Effective {
  name: string;
  value: string | null;
  source: string;
  /** The flag, the variable or the file. */
  origin: string | null;
}

const NO_VALUE: Readonly<Record<string, string>> = { config_file: 'none' };

function toEffectiveLine({ name, value, source, origin }: Effective): string {
  const label = name === 'model_provider' ? 'provider' : name.replaceAll('_', ' ');
  const from = origin === null || origin === value ? source : `${source}: ${origin}`;
  return `  ${label.padEnd(16)} ${value ?? NO_VALUE[name] ?? "the engine's default"}  (${from})`;
}

function toTokenLines({ authToken }: Settings, url: string): string[] {
  const { source, shownOnce, path } = authToken;
  if (shownOnce === null) {
    const place = path ?? 'CODEX_AUTH_TOKEN';
    return [`  token            ${source === 'stored' ? 'as shown when it was made; lost? "token rotate"' : place}`];
  }
  return [
    '  token            made now; only its digest is kept, so it is shown only this once:',
    '',
    `  curl -H 'Authorization: Bearer ${shownOnce}' ${url}/api/v2/threads`,
  ];
}
