import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ENTRY = /^## (\w+) (\S+)[^\n]*\n(?:(?!^##).*\n)*?```bash\n(curl [^`]*)\n```/gm;
/** The line runs as it stands; what it got is told aside. A stream without an end is left when it has become live. */
const ASIDE = `curl() {
  command curl -D "$ANSWER.head" -o "$ANSWER" "$@" &
  local pid=$!
  if [[ "$1" == -sN ]]; then
    until ! kill -0 $pid || grep -qzP 'event: stream/live\\n(.+\\n)+\\n' "$ANSWER"; do sleep 0.02; done 2>/dev/null
    kill $pid 2>/dev/null
  fi
  wait $pid
  tr -d '\\r' < "$ANSWER.head" | awk '/^HTTP/ { status = $2 } tolower($1) == "content-type:" { $1 = ""; type = $0 }
    END { printf "%s%s", status, type }'
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

/** The lines of a page of the reference, one for each endpoint. */
export function readCurlLines(page: string): CurlLine[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(ENTRY)].map(([, method = '', path = '', command = '']) => ({ method, path, command }));
}

/** Runs lines of a document by bash, as a reader would who has set these variables. */
export class Shell {
  readonly #folder = mkdtempSync(join(tmpdir(), 'codex-web-curl-'));

  async curl(command: string, variables: Readonly<Record<string, string>>): Promise<CurlAnswer> {
    const answer = join(this.#folder, 'answer');
    writeFileSync(answer, '');
    writeFileSync(`${answer}.head`, '');
    const stdout = await this.bash(`${ASIDE}\n${command}`, { ...variables, ANSWER: answer });
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
