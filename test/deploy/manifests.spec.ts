import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { findProgram } from '../support/reverse-proxy.js';

const run = promisify(execFile);
const UNIT = 'deploy/systemd/codex-web-server.service';

const testWith = (program: string): typeof it => (findProgram(program) === undefined ? it.skip : it);

describe('the manifests', () => {
  testWith('systemd-analyze')('have a unit that systemd understands and finds hardened', async () => {
    const verified = await run('systemd-analyze', ['verify', UNIT]).catch((error: unknown) => error);
    // What it says of a program that is not installed here, or of other units of this machine, is not of this one.
    const own = (verified as { stderr: string }).stderr
      .split('\n')
      .filter((line) => line.includes('codex-web-server.service') && !/is not executable|not found/.test(line));
    expect(own).toEqual([]);
    const { stdout } = await run('systemd-analyze', ['security', '--offline=yes', '--threshold=40', UNIT]);
    expect(stdout).toMatch(/Overall exposure level for codex-web-server.service: [0-3]\.\d/);
  });

  testWith('kubectl')('have a kustomization that comes out whole, with its probes', async () => {
    const { stdout } = await run('kubectl', ['kustomize', 'deploy/kubernetes']);
    const kinds = [...stdout.matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind);
    expect(kinds.sort()).toEqual([
      'Deployment',
      'Namespace',
      'NetworkPolicy',
      'PersistentVolumeClaim',
      'Secret',
      'Service',
    ]);
    expect(stdout.match(/path: \/(livez|readyz)/g)).toHaveLength(3);
  });

  testWith('caddy')('have a Caddyfile that Caddy takes', async () => {
    const args = ['validate', '--config', 'deploy/caddy/Caddyfile', '--adapter', 'caddyfile'];
    const { stdout, stderr } = await run('caddy', args);
    expect(stdout + stderr).toContain('Valid configuration');
  });

  it('build from files that there are, and probe addresses that the server has', async () => {
    const dockerfile = readFileSync('Dockerfile', 'utf8');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    const { access } = await import('node:fs/promises');
    await Promise.all(copied.map((name) => access(name)));
    const ignore = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(copied.filter((name) => !ignore.includes(`!${name.replace(/^\.\//, '')}`))).toEqual([]);
    const document = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as { paths: Record<string, unknown> };
    const probed = [dockerfile, readFileSync('deploy/kubernetes/deployment.yaml', 'utf8')]
      .join('\n')
      .match(/\/(livez|readyz)/g);
    expect((probed ?? []).filter((path) => document.paths[path] === undefined)).toEqual([]);
    expect(dockerfile).toMatch(/^USER node$/m);
  });
});
