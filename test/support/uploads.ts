import supertest, { type Test } from 'supertest';
import { TOKEN } from './server-process.js';
import { type App } from './start-app.js';

const PATH = '/api/v2/attachments';
const BOUNDARY = 'the-boundary-of-the-test';

/** Uploads one file, its name exactly as given: as a browser sends it, quotes escaped. */
export function upload(app: App, bytes: Buffer | string, filename: string, path = PATH): Test {
  return post(app, [toPart({ name: 'file', filename }, bytes)], path);
}

/** Sends these parts as one form. */
export function post(app: App, parts: readonly Buffer[], path = PATH): Test {
  return postRaw(app, toForm(parts), path);
}

/** Sends a body that says it is a form. */
export function postRaw(app: App, body: Buffer, path = PATH): Test {
  return supertest(app.url)
    .post(path)
    .set('Authorization', `Bearer ${TOKEN}`)
    .set('Content-Type', FORM_TYPE)
    .send(body);
}

export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

export function toForm(parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

export function toPart({ name, filename }: { name: string; filename?: string }, bytes: Buffer | string): Buffer {
  const file = filename === undefined ? '' : `; filename="${filename.replaceAll('"', '%22')}"`;
  const type = filename === undefined ? '' : 'Content-Type: image/jpeg\r\n';
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${type}\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from('\r\n')]);
}

/** One transparent pixel. */
export function toPng(): Buffer {
  return Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  );
}
