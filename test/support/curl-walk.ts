import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ENTRY = /^#### (\w+) (\S+)[^\n]*\n(?:(?!^####).*\n)*?```bash\n(curl [^`]*)\n```/gm;
/** The line runs as it stands; what it got is told aside. Streams, which have no end, are left after a moment. */
const ASIDE = `curl() {
  local limit=()
  if [[ "$1" == -sN ]]; then limit=(--max-time 0.4); fi
  command curl "\${limit[@]}" -o "$ANSWER" -w '%{http_code} %{content_type}' "$@"
}`;

export interface CurlLine {
  method: string;
  path: string;
  command: string;
}

export interface CurlAnswer {
  status: number;
  contentType: string;
  text: string;
}

/** The lines of the reference, in its order. */
export function readCurlLines(path: string): CurlLine[] {
  const reference = readFileSync(path, 'utf8').split('\n## Endpoints\n')[1] ?? '';
  return [...reference.matchAll(ENTRY)].map(([, method = '', place = '', command = '']) => {
    const isShort = command.includes(`"$URL/api/v2${place.replaceAll(/\{.*/g, '')}`);
    return { method, path: isShort ? `/api/v2${place}` : place, command };
  });
}

/** Runs lines of a document by bash, as a reader would who has set these variables. */
export class Shell {
  readonly #folder = mkdtempSync(join(tmpdir(), 'codex-web-curl-'));

  async curl(command: string, variables: Readonly<Record<string, string>>): Promise<CurlAnswer> {
    const answer = join(this.#folder, 'answer');
    writeFileSync(answer, '');
    const stdout = await this.bash(`${ASIDE}\n${command}`, { ...variables, ANSWER: answer }).catch((error: unknown) => {
      // A stream that was left: curl's own word for a limit that was reached.
      const { code, stdout: told } = error as { code: number; stdout: string };
      if (code === 28) {
        return told;
      }
      throw error;
    });
    const [status, ...type] = stdout.split(' ');
    return { status: Number(status), contentType: type.join(' '), text: readFileSync(answer, 'utf8') };
  }

  async bash(script: string, variables: Readonly<Record<string, string>>): Promise<string> {
    const { stdout } = await run('bash', ['-c', script], { env: { PATH: process.env.PATH, ...variables } });
    return stdout;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
