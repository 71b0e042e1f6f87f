import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Block } from './documents.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where documents say that the server is. */
const ADDRESS = 'http://127.0.0.1:3000';
const PATIENCE_MS = 50_000;

/** A refusal ends the document, and so does an answer that never comes. */
const PROLOGUE = `set -eo pipefail
trap 'status=$?; if [[ $status != 0 ]]; then echo "$AT: exit $status" >&2; fi' EXIT
curl() { command curl --fail-with-body --no-progress-meter --max-time 40 "$@"; }
`;

/** Streams go on until their reader leaves; who reads them says when. */
const EPILOGUE = `AT='after the last block'
read -r || true
for job in $(jobs -p); do kill "$job" 2>/dev/null || wait "$job"; done
`;

const INTERPRETERS: Readonly<Record<string, string>> = {
  ...{ typescript: 'node', ts: 'node', javascript: 'node', js: 'node' },
  ...{ python: 'python3', py: 'python3' },
};
const SUFFIXES: Readonly<Record<string, string>> = {
  ...{ typescript: 'ts', ts: 'ts', javascript: 'mjs', js: 'mjs' },
  ...{ python: 'py', py: 'py' },
};
const SHELLS = ['bash', 'sh', 'shell', 'console'];

const isShell = ({ language }: Block): boolean => SHELLS.includes(language);
export const isRunnable = (block: Block): boolean => isShell(block) || block.language in INTERPRETERS;
/** Starts a server, and goes on until it is stopped. */
const SERVER = /^(?:npm start|node dist\/main\.js)(?! (?:-- )?[a-z]).*$/m;
export const startsServer = ({ text }: Block): boolean => SERVER.test(text);

/** Someone who follows a document: a home, a checkout of the project, and one shell. */
export class DocumentReader {
  readonly #checkout: string;

  constructor(private readonly home: string) {
    this.#checkout = join(home, 'checkout');
    linkAll(ROOT, this.#checkout, ['.git', 'dist']);
    // Newer than all there is, so that nothing is built under the tests that run beside this one.
    linkAll(join(ROOT, 'dist'), join(this.#checkout, 'dist'), ['.built']);
    writeFileSync(join(this.#checkout, 'dist/.built'), '');
  }

  /**
   * Runs the blocks one after the other, until all that is waited for was printed; resolves with what was. `$HERE` is where
   * the server is.
   */
  async follow(
    blocks: readonly Block[],
    env: Readonly<Record<string, string>>,
    awaited: readonly RegExp[],
  ): Promise<string> {
    const script = join(this.home, 'document.sh');
    writeFileSync(script, [PROLOGUE, ...blocks.map((block) => this.#toShell(block)), EPILOGUE].join('\n'));
    const child = spawn('bash', [script], {
      cwd: this.#checkout,
      env: { PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`, HOME: this.home, ...env },
      detached: true,
    });
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (awaited.every((pattern) => pattern.test(output))) {
        child.stdin.end();
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    read(Buffer.alloc(0));
    const patience = setTimeout(() => child.kill(), PATIENCE_MS);
    const closed = once(child, 'close');
    const [code] = (await once(child, 'exit')) as [number | null];
    clearTimeout(patience);
    endGroup(child.pid!);
    await closed;
    if (code !== 0) {
      throw new Error(`${code === null ? 'It did not come to its end' : 'It failed'}:\n${output}`);
    }
    return output;
  }

  #toShell(block: Block): string {
    const at = `AT='${block.document}:${String(block.line)}'\n`;
    if (!isShell(block)) {
      return at + this.#toProgram(block);
    }
    const lines =
      block.language === 'console'
        ? [...block.text.matchAll(/^\$ (.*)$/gm)].map(([, line]) => line).join('\n')
        : block.text;
    const text = lines.replaceAll(ADDRESS, '$HERE');
    return at + text.replace(SERVER, toServer);
  }

  #toProgram({ line, language, text }: Block): string {
    const name = `block-${String(line)}.${SUFFIXES[language] ?? ''}`;
    writeFileSync(join(this.home, name), text);
    return `sed "s#${ADDRESS}#$HERE#" ../${name} > ${name}
CODEX_AUTH_TOKEN="$TOKEN" ${INTERPRETERS[language] ?? ''} ${name}
`;
  }
}

function linkAll(from: string, to: string, except: readonly string[]): void {
  mkdirSync(to);
  for (const name of readdirSync(from).filter((entry) => !except.includes(entry))) {
    symlinkSync(join(from, name), join(to, name));
  }
}

/** It goes on beside what follows, which begins when it listens. */
const toServer = (command: string): string => `exec {SERVER}< <(${command}
)
HERE=
while [[ -z $HERE ]] && read -r -u "$SERVER" TOLD; do
  echo "$TOLD"
  if [[ $TOLD == *'listening on '* ]]; then HERE=\${TOLD##* }; fi
done
[[ -n $HERE ]]
cat <&"$SERVER" &`;

/** Whatever the shell has left behind. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}
