import { type Methods } from './methods.ts';

/** The tables of names, as a module that costs nothing but its constants at run time. */
export function renderMethods(methods: Methods, engineVersion: string, header: string): string {
  return [
    header,
    `/** The engine that this protocol was generated from. */\nexport const ENGINE_VERSION = ${quoted(engineVersion)};`,
    requestTable(
      'CLIENT_REQUESTS',
      'What may be asked of the engine. `params` is null where a method takes none; both are definition names.',
      methods.clientRequests,
    ),
    placedTable(
      'SERVER_NOTIFICATIONS',
      'What the engine tells. `threadId` and `turnId` say where `params` carries them: `required` and `optional` in a field of that name (`optional` may be null or absent), `nested` in `params.thread.id` or `params.turn.id`, `none` not at all.',
      methods.notifications.map(({ method, ...row }) => ({ method, row: { ...row } })),
    ),
    placedTable(
      'SERVER_REQUESTS',
      'What the engine asks, with the ids as in SERVER_NOTIFICATIONS.',
      methods.serverRequests.map(({ method, params, response, threadId, turnId }) => ({
        method,
        row: { params, response, threadId, turnId },
      })),
    ),
    nameList('CLIENT_REQUEST_METHODS', methods.clientRequests),
    nameList('NOTIFICATION_METHODS', methods.notifications),
    nameList('SERVER_REQUEST_METHODS', methods.serverRequests),
    'export type ClientRequestMethod = keyof typeof CLIENT_REQUESTS;',
    'export type NotificationMethod = keyof typeof SERVER_NOTIFICATIONS;',
    'export type ServerRequestMethod = keyof typeof SERVER_REQUESTS;\n',
  ].join('\n\n');
}

type Row = Readonly<Record<string, string | null>>;

function requestTable(name: string, purpose: string, requests: Methods['clientRequests']): string {
  const rows = requests.map(({ method, params, response }) => ({ method, row: { params, response } }));
  return placedTable(name, purpose, rows);
}

function placedTable(name: string, purpose: string, entries: readonly { method: string; row: Row }[]): string {
  const lines = entries.map(({ method, row }) => {
    const cells = Object.entries(row).map(([key, value]) => `${key}: ${value === null ? 'null' : quoted(value)}`);
    return `  ${quoted(method)}: { ${cells.join(', ')} },`;
  });
  return `/** ${purpose} */\nexport const ${name} = {\n${lines.join('\n')}\n} as const;`;
}

function nameList(name: string, entries: readonly { method: string }[]): string {
  const lines = entries.map(({ method }) => `  ${quoted(method)},`);
  return `export const ${name} = [\n${lines.join('\n')}\n] as const;`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
