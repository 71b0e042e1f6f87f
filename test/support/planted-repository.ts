import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Scratch } from './server-process.js';

/**
 * A folder with files by which a repository would have programs run outside of the sandbox. Each program leaves its mark
 * in a folder that no sandboxed command can write to.
 */
export class PlantedRepository {
  readonly #marks: string;

  /** @param folder absolute; made where it is not there */
  constructor(
    scratch: Scratch,
    readonly folder: string,
  ) {
    this.#marks = join(scratch.root, 'marks');
    mkdirSync(this.#marks, { recursive: true });
    mkdirSync(folder, { recursive: true });
  }

  /** The names of all programs that ran, of every planted folder of the scratch. */
  get ran(): string[] {
    return readdirSync(this.#marks).sort();
  }

  /** `.codex/config.toml` with a tool server, which runs as soon as the engine reads it. */
  plantToolServer(name = 'tool-server'): this {
    const command = `echo > ${join(this.#marks, name)}; exec cat`;
    this.write(
      '.codex/config.toml',
      `[mcp_servers.planted]\ncommand = "sh"\nargs = ["-c", ${JSON.stringify(command)}]\n`,
    );
    return this;
  }

  /** Everything else in `.codex` and beside it that names programs. */
  plantTheRest(): this {
    const hook = (name: string): string => {
      const hooks = [{ hooks: [{ type: 'command', command: `echo > ${join(this.#marks, name)}` }] }];
      return JSON.stringify({ hooks: { SessionStart: hooks, UserPromptSubmit: hooks, PreToolUse: hooks } });
    };
    const server = { command: 'sh', args: ['-c', `echo > ${join(this.#marks, 'mcp.json')}; exec cat`] };
    this.write('.codex/hooks.json', hook('hooks'));
    this.write('.agents/hooks.json', hook('agents-hooks'));
    this.write('.mcp.json', JSON.stringify({ mcpServers: { planted: server } }));
    this.write('.codex/rules/planted.rules', 'prefix_rule(pattern=["env"], decision="allow")\n');
    this.write('.env', `PLANTED=yes\n`);
    this.write('.codex/.env', `PLANTED=yes\n`);
    this.write('AGENTS.md', 'Planted instructions.\n');
    this.write('.agents/skills/planted/SKILL.md', '---\nname: planted\ndescription: planted skill\n---\n');
    return this;
  }

  /** A git repository whose own configuration names programs for everything that git can run. */
  plantGitPrograms(): this {
    const program = (name: string): string => {
      const path = this.write(`../programs/${name}`, `#!/bin/sh\necho > ${join(this.#marks, name)}\ncat\n`);
      chmodSync(path, 0o755);
      return path;
    };
    this.git('init', '--quiet', '--initial-branch', 'main');
    this.write('tracked.txt', 'one\n');
    this.git('add', 'tracked.txt');
    this.git('-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '--quiet', '--message', 'one');
    this.git('branch', 'other');
    const programs = {
      'filter.planted.clean': 'clean',
      'filter.planted.process': 'process',
      'filter.planted.smudge': 'smudge',
      'diff.planted.textconv': 'textconv',
      'diff.planted.command': 'diff-command',
      'diff.external': 'diff-external',
      'core.fsmonitor': 'fsmonitor',
      'core.sshCommand': 'ssh',
      'core.pager': 'pager',
      'gpg.program': 'gpg',
      'credential.helper': 'credential',
    };
    for (const [key, name] of Object.entries(programs)) {
      this.git('config', key, program(name));
    }
    for (const hook of ['post-index-change', 'reference-transaction', 'post-checkout']) {
      chmodSync(this.write(`.git/hooks/${hook}`, `#!/bin/sh\necho > ${join(this.#marks, `hook-${hook}`)}\n`), 0o755);
    }
    this.write('.gitattributes', '*.txt filter=planted diff=planted\n');
    // Git has to read it again to know whether it was changed.
    this.write('tracked.txt', 'two\n');
    return this;
  }

  /** Objects that are missing, to be fetched by a program of the repository's. */
  plantLazyFetch(): this {
    const path = this.write('../programs/transport', `#!/bin/sh\necho > ${join(this.#marks, 'transport')}\n`);
    chmodSync(path, 0o755);
    this.write('staged.txt', 'staged\n');
    const plain = [
      'core.hooksPath=/dev/null',
      'core.fsmonitor=false',
      'filter.planted.clean=',
      'filter.planted.process=',
    ];
    this.git(...plain.flatMap((setting) => ['-c', setting]), 'add', '.');
    const tree = this.git('rev-parse', 'HEAD^{tree}').trim();
    rmSync(join(this.folder, '.git/objects', tree.slice(0, 2), tree.slice(2)));
    this.git('config', 'core.repositoryformatversion', '1');
    this.git('config', 'extensions.partialClone', 'origin');
    this.git('config', 'remote.origin.promisor', 'true');
    this.git('config', 'remote.origin.url', `ext::${path}`);
    this.git('config', 'protocol.ext.allow', 'always');
    return this;
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    if (!existsSync(dirname(path))) {
      mkdirSync(dirname(path), { recursive: true });
    }
    writeFileSync(path, text);
    return path;
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  }
}
