import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Scratch, TOKEN } from './server-process.js';

const KINDS = [
  ...['token-file', 'credential', 'auth-json', 'dot-env', 'provider-key', 'cloud-key', 'sentry-dsn'],
  ...['provider-header', 'mcp-env', 'mcp-header', 'other-response'],
] as const;
export type Kind = (typeof KINDS)[number];

/** Secrets of every kind, each with bytes of its own, and the places in which a server finds them. */
export class Canaries {
  readonly values = Object.fromEntries(
    KINDS.map((kind) => [kind, `canary_${kind.replaceAll('-', '_')}_${randomBytes(12).toString('hex')}`]),
  ) as Record<Kind, string>;
  /** Beside these: the main token of the tests, and what a test has made. */
  readonly more = new Map<string, string>([['main-token', TOKEN]]);

  /** Puts them into files. Returns these files, and the variables for the server. */
  plant({ root, codexHome }: Scratch): { files: string[]; env: Record<string, string> } {
    const { values } = this;
    const [operator, credentials] = [join(root, 'operator'), join(root, 'credentials')];
    const files: Record<string, string> = {
      [join(operator, 'token')]: `${TOKEN}\n`,
      [join(credentials, 'key')]: values.credential,
      [join(codexHome, 'auth.json')]: JSON.stringify({ OPENAI_API_KEY: values['auth-json'] }),
      [join(codexHome, '.env')]: `DOTENV_SECRET=${values['dot-env']}\n`,
    };
    mkdirSync(operator);
    mkdirSync(credentials);
    for (const [path, text] of Object.entries(files)) {
      writeFileSync(path, text, { mode: 0o600 });
    }
    const env = {
      CODEX_AUTH_TOKEN: '',
      CODEX_AUTH_TOKEN_FILE: join(operator, 'token'),
      CREDENTIALS_DIRECTORY: credentials,
      OPENAI_API_KEY: values['provider-key'],
      AWS_SECRET_ACCESS_KEY: values['cloud-key'],
      SENTRY_DSN: `http://${values['sentry-dsn']}@127.0.0.1:9/1`,
    };
    return { files: [...Object.keys(files), join(codexHome, 'config.toml')], env };
  }

  /** Lines of config.toml. */
  toConfig(server: readonly string[]): string {
    const { values } = this;
    return `
[model_providers.other]
name = "Other"
base_url = "http://127.0.0.1:9/v1"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
http_headers = { X-Key = "${values['provider-header']}" }
[mcp_servers.reader]
command = ${JSON.stringify(server[0])}
args = ${JSON.stringify(server.slice(1))}
env = { READER_KEY = "${values['mcp-env']}" }
[mcp_servers.distant]
url = "http://127.0.0.1:9/mcp"
http_headers = { X-Key = "${values['mcp-header']}" }
enabled = false
`;
  }

  /** The kinds whose bytes are in the text. */
  foundIn(text: string): string[] {
    return [...Object.entries(this.values), ...this.more]
      .filter(([, value]) => text.includes(value))
      .map(([kind]) => kind);
  }

  /** The files below a folder that have one, save those in which they were planted. */
  filesWith(folder: string, planted: readonly string[]): string[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => !planted.includes(path))
      .flatMap((path) => this.foundIn(readFileSync(path, 'latin1')).map((kind) => `${path}: ${kind}`));
  }
}
