const COLLECT = { id: 1, method: 'HeapProfiler.collectGarbage' };

/**
 * Has a process collect its garbage, over its inspector (`node --inspect`). V8 lets garbage lie until it needs the room, so
 * that memory goes up for minutes without anything being leaked; what is left after a collection is in use.
 */
export async function collectGarbage(inspectorUrl: string): Promise<void> {
  const socket = new WebSocket(inspectorUrl);
  const answered = Promise.withResolvers<undefined>();
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify(COLLECT));
  });
  socket.addEventListener('message', ({ data }) => {
    if ((JSON.parse(String(data)) as { id?: number }).id === COLLECT.id) {
      answered.resolve(undefined);
    }
  });
  for (const event of ['error', 'close']) {
    socket.addEventListener(event, () => {
      answered.reject(new Error('The inspector of the server went away.'));
    });
  }
  try {
    await answered.promise;
  } finally {
    socket.close();
  }
}

/** As Node says it on its standard error when it is started with `--inspect`. */
export function findInspectorUrl(log: string): string {
  const url = /Debugger listening on (ws:\/\/\S+)/.exec(log)?.[1];
  if (url === undefined) {
    throw new Error('The server has no inspector.');
  }
  return url;
}
