import { writeFileSync } from 'node:fs';
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import request, { type Response } from 'supertest';
import { NamedTokens } from '../../../src/http/auth/named-tokens.js';
import { Idempotent } from '../../../src/http/idempotency/idempotent.js';
import { NeedsScope, Public } from '../../../src/http/routing/route-metadata.js';
import { type Scope } from '../../../src/settings/scopes.js';
import { TokenFile } from '../../../src/settings/token-file.js';
import { RawSocket, toHead } from '../../support/raw-socket.js';
import { Scratch } from '../../support/server-process.js';
import { problemOf } from './things.js';
import { startToyApp, type ToyApp } from './toy-app.js';

const calls: string[] = [];

/** As one would be that its author has thought nothing about. */
@Controller('plain')
class PlainController {
  @Get()
  read(): object {
    calls.push('read');
    return {};
  }

  @Post()
  @HttpCode(200)
  @Idempotent()
  write(@Body() body: object): object {
    calls.push('write');
    return { body };
  }
}

@NeedsScope('admin')
@Controller('admin')
class AdminController {
  @Get()
  read(): object {
    return {};
  }

  @Post('look')
  @HttpCode(200)
  @NeedsScope('read')
  look(): object {
    return {};
  }
}

@Controller('mixed')
class MixedController {
  @Public()
  @Get('open')
  open(): object {
    return {};
  }

  @Get('closed')
  closed(): object {
    return {};
  }
}

let scratch: Scratch;
let tokens: TokenFile;
let toy: ToyApp;

beforeEach(async () => {
  calls.length = 0;
  scratch = new Scratch();
  tokens = new TokenFile(scratch.dataDir);
  toy = await startToyApp([PlainController, AdminController, MixedController], {
    settings: { dataDir: scratch.dataDir },
  });
});

afterEach(async () => {
  await toy.close();
  scratch.remove();
});

const tokenOf = (...scopes: Scope[]): string => tokens.create('one', scopes, { isReplacing: true }).token;

function send(method: 'get' | 'post' | 'head', path: string, token?: string, headers: object = {}): Promise<Response> {
  const sent = request(toy.server)[method](path);
  return sent.set({ ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers }).then();
}

const statusOf = async (...args: Parameters<typeof send>): Promise<number> => (await send(...args)).status;

describe('a controller that says nothing of who may call it', () => {
  it('is closed to strangers, and does nothing for them', async () => {
    for (const method of ['get', 'head', 'post'] as const) {
      const answer = await send(method, '/plain');
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="codex-web-server"']);
    }
    expect(calls).toEqual([]);
  });

  it('needs the scope "read" to look, and "write" for the rest', async () => {
    const reader = tokenOf('read');
    expect([await statusOf('get', '/plain', reader), await statusOf('head', '/plain', reader)]).toEqual([200, 200]);
    const refused = await send('post', '/plain', reader);
    expect(problemOf(refused)).toEqual({ status: 403, code: 'forbidden' });
    expect(refused.headers['www-authenticate']).toBe(
      'Bearer realm="codex-web-server", error="insufficient_scope", scope="write"',
    );
    const writer = tokenOf('write');
    expect([await statusOf('get', '/plain', writer), await statusOf('post', '/plain', writer)]).toEqual([403, 200]);
    expect(calls).toEqual(['read', 'read', 'write']);
  });
});

it('a scope on the class holds for its methods, unless they name another', async () => {
  const [reader, admin] = [tokenOf('read'), tokens.create('two', ['admin']).token];
  expect([await statusOf('get', '/admin', reader), await statusOf('get', '/admin', admin)]).toEqual([403, 200]);
  expect([await statusOf('post', '/admin/look', reader), await statusOf('post', '/admin/look', admin)]).toEqual([
    200, 403,
  ]);
});

it('@Public opens one route and none beside it, whatever token is sent', async () => {
  for (const token of [undefined, 'none-of-this-server', tokenOf('approve')]) {
    expect(await statusOf('get', '/mixed/open', token)).toBe(200);
  }
  expect(await statusOf('get', '/mixed/closed')).toBe(401);
});

it('a path that no guard stands before is closed to strangers', async () => {
  toy.adapter.routes.add('GET', '/unguarded', (_req, res) => res.end('in'));
  expect(await statusOf('get', '/unguarded')).toBe(401);
  expect(await statusOf('get', '/unguarded', 'none-of-this-server')).toBe(401);
  expect(await statusOf('get', '/unguarded', tokenOf('read'))).toBe(200);
});

describe('what a caller may not do', () => {
  /** The head of a body that never comes. */
  const announce = async (token: string): Promise<RawSocket> => {
    const url = `http://127.0.0.1:${String(toy.port)}`;
    const content = ['Content-Type: application/json', 'Content-Length: 100'];
    return (await RawSocket.open(url)).send(`${toHead(url, 'POST /plain', content, token)}\r\n`);
  };

  it('is refused before its body is there', async () => {
    for (const [token, status] of [
      [tokenOf('read'), 403],
      ['none-of-this-server', 401],
    ] as const) {
      const socket = await announce(token);
      expect(await socket.until('request_id')).toContain(`HTTP/1.1 ${String(status)} `);
      socket.close();
    }
  });

  it('is not told from a kept answer either', async () => {
    const key = { 'idempotency-key': 'k' };
    const { token, entry } = tokens.create('one', ['read', 'write']);
    expect(await statusOf('post', '/plain', token, key)).toBe(200);
    expect((await send('post', '/plain', token, key)).headers['idempotent-replayed']).toBe('true');
    writeFileSync(tokens.path, JSON.stringify({ tokens: [{ ...entry, scopes: ['read'] }] }));
    const known = toy.app.get(NamedTokens);
    while (known.find(entry.digest)?.scopes.has('write') === true) {
      // The file is looked at a few times a second.
      await new Promise(setImmediate);
    }
    expect(problemOf(await send('post', '/plain', token, key))).toEqual({ status: 403, code: 'forbidden' });
  });
});
