import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { GuardedLinks } from '../../../src/links/guarded-links.js';
import { isPublicAddress } from '../../../src/links/public-address.js';

describe('addresses', () => {
  it.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...['::1', '::ffff:127.0.0.1', 'fe80::1', 'fd00::1', '2002:7f00:1::', '::'],
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('links', () => {
  let server: Server;
  let host: string;
  const options = { maxBytes: 100, path: 'here' };

  beforeAll(async () => {
    server = createServer(({ url }, response) => {
      if (url === '/image') {
        response.writeHead(200, { 'content-type': 'image/png; x=y' }).end('bytes');
      } else if (url === '/large') {
        response.writeHead(200).end('x'.repeat(101));
      } else if (url === '/moved') {
        response.writeHead(302, { location: '/image' }).end();
      } else if (url === '/elsewhere') {
        response.writeHead(302, { location: 'http://localhost:1/' }).end();
      } else if (url === '/round') {
        response.writeHead(302, { location: '/round' }).end();
      } else {
        response.writeHead(404).end();
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });

  afterAll(() => {
    server.close();
  });

  const fetch = (path: string, privateHosts = [host]) =>
    new GuardedLinks({ privateHosts }).fetch(`http://${host}${path}`, options);
  const refusal = (message: string): Error =>
    expect.objectContaining({ code: 'invalid_request', fields: [{ path: 'here', message }] }) as Error;

  it.each(['/image', '/moved'])('fetches %s', async (path) => {
    expect(await fetch(path)).toEqual({ mediaType: 'image/png', bytes: Buffer.from('bytes') });
  });

  it.each([
    ['/large', 'it is larger than 100 bytes'],
    ['/none', 'its server answered 404'],
    ['/round', 'it redirects too often'],
    ['/elsewhere', 'its host has no public address'],
  ])('refuses %s', async (path, reason) => {
    await expect(fetch(path)).rejects.toThrow(refusal(reason));
  });

  it('refuses a private address that is not allowed, by number and by name', async () => {
    await expect(fetch('/image', [])).rejects.toThrow(refusal('its host has no public address'));
    const named = new GuardedLinks({ privateHosts: [] }).fetch('http://localhost:1/', options);
    await expect(named).rejects.toThrow(refusal('its host has no public address'));
  });

  it.each([
    ['file:///etc/passwd', 'it must be an http or https URL'],
    ['nonsense', 'it must be an http or https URL'],
    ['http://user:secret@example.com/', 'it must hold no credentials'],
  ])('refuses %s', async (link, reason) => {
    await expect(new GuardedLinks({ privateHosts: [] }).fetch(link, options)).rejects.toThrow(refusal(reason));
  });
});
