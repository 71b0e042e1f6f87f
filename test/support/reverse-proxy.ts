import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface ReverseProxy {
  url: string;
  stop: () => Promise<void>;
}

const PLACES = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/usr/local/sbin'];

/** Where a program is that npm does not bring; `undefined` where this machine has none. */
export function findProgram(name: string): string | undefined {
  return PLACES.map((place) => join(place, name)).find((path) => existsSync(path));
}

/** nginx with the project's own configuration, without TLS in front of a server. */
export function startNginx(targetUrl: string, port: number): Promise<ReverseProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'codex-nginx-'));
  const site = readFileSync('deploy/nginx/codex-web-server.conf', 'utf8')
    .replace(/^ *(?:ssl_|listen \[).*\n/gm, '')
    .replace('listen 443 ssl;', `listen 127.0.0.1:${String(port)};`)
    .replace('server 127.0.0.1:3000;', `server ${new URL(targetUrl).host};`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  const path = join(folder, 'nginx.conf');
  const main = [`pid ${folder}/pid;`, 'daemon off;', 'worker_processes 1;', 'error_log stderr;', 'events {}'];
  writeFileSync(path, [...main, 'http {', ...temporary, site, '}'].join('\n'));
  return start({
    program: findProgram('nginx') ?? 'nginx',
    args: ['-c', path, '-p', folder, '-e', 'stderr'],
    port,
    folder,
  });
}

/** Caddy with the project's own configuration, likewise. */
export function startCaddy(targetUrl: string, port: number): Promise<ReverseProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'codex-caddy-'));
  const site = readFileSync('deploy/caddy/Caddyfile', 'utf8')
    .replace('codex.example.com {', `http://127.0.0.1:${String(port)} {`)
    .replace('127.0.0.1:3000', new URL(targetUrl).host);
  const path = join(folder, 'Caddyfile');
  writeFileSync(path, `{\n\tadmin off\n\tgrace_period 100ms\n}\n${site}`);
  const args = ['run', '--config', path, '--adapter', 'caddyfile'];
  return start({ program: findProgram('caddy') ?? 'caddy', args, port, folder });
}

interface Started {
  program: string;
  args: readonly string[];
  port: number;
  folder: string;
}

async function start({ program, args, port, folder }: Started): Promise<ReverseProxy> {
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  await Promise.race([
    untilListening(port),
    once(child, 'exit').then(() => {
      throw new Error(`${program} ended:\n${output}`);
    }),
  ]);
  return {
    url: `http://127.0.0.1:${String(port)}`,
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) {
      return;
    }
    await delay(20);
  }
}
