import { parseDataUrl, requireImage, toInlineImage } from '../../../../src/core/attachments/image-url.js';
import { LinkedFiles } from '../../../../src/core/attachments/linked-files.js';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

class OneFile extends LinkedFiles {
  constructor(private readonly bytes: Buffer) {
    super();
  }

  override fetch(): Promise<{ mediaType: string; bytes: Buffer }> {
    return Promise.resolve({ mediaType: 'text/html', bytes: this.bytes });
  }
}

const refusal = (message: string): Error =>
  expect.objectContaining({ code: 'invalid_request', fields: [{ path: 'here', message }] }) as Error;

it('takes an image for what its bytes are', async () => {
  expect(requireImage(`data:image/jpeg;base64,${PNG}`, 'here').mediaType).toBe('image/png');
  expect(requireImage(`data:;base64,${Buffer.from('GIF89a…').toString('base64')}`, 'here').mediaType).toBe('image/gif');
  const links = new OneFile(Buffer.from(PNG, 'base64'));
  expect(await toInlineImage('https://example.com/a', 'here', links)).toBe(`data:image/png;base64,${PNG}`);
});

it.each([
  ['data:image/png;base64,aGVsbG8=', 'must be a PNG, JPEG, GIF or WebP image'],
  ['data:image/png;base64,!!!', 'must be valid base64'],
  ['data:image/png', 'must be a data URL: data:TYPE;base64,DATA'],
])('refuses %s', (url, message) => {
  expect(() => requireImage(url, 'here')).toThrow(refusal(message));
});

it('refuses a link to something else', async () => {
  const fetched = toInlineImage('https://example.com/a', 'here', new OneFile(Buffer.from('<html>')));
  await expect(fetched).rejects.toThrow(refusal('must be a PNG, JPEG, GIF or WebP image'));
});

it('reads a data URL that is not base64', () => {
  const { mediaType, bytes } = parseDataUrl('data:text/plain;charset=utf-8,a%20b', 'here');
  expect([mediaType, bytes.toString()]).toEqual(['text/plain', 'a b']);
});
