import { findExposingParents } from './hidden-environment.js';
import { type Environment, type Settings } from './settings.js';

const TOKEN_VARIABLE = 'CODEX_AUTH_TOKEN';

/** What the operator should know of where the server's secrets can, or could, be read; one line each, never a secret. */
export function toSecretNotices(
  { authToken, dataDir }: Pick<Settings, 'authToken' | 'dataDir'>,
  env: Environment,
  exposure: string | null,
): string[] {
  const notices: string[] = [];
  if (authToken.wasTakenOver) {
    notices.push(
      `The main token lay in clear in ${dataDir}/auth-token. The file is gone, a digest is kept, and the token is good ` +
        'as before. Commands of agents could read it until now: "codex-web-server token rotate" makes another.',
    );
  }
  if (exposure !== null) {
    notices.push(
      `Secrets in the environment of this process can be read by tool servers and unconfined commands: ${exposure}. ` +
        'Name a file with CODEX_AUTH_TOKEN_FILE instead.',
    );
  }
  const token = env[TOKEN_VARIABLE];
  const parents = token ? findExposingParents(TOKEN_VARIABLE, token) : [];
  if (parents.length > 0) {
    const list = parents.map(({ pid, command }) => `${String(pid)} (${command})`).join(', ');
    notices.push(
      `${TOKEN_VARIABLE} can be read in the environment of the process that started this one: ${list}. Name a file with ` +
        'CODEX_AUTH_TOKEN_FILE instead, or start "node dist/main.js" without npm.',
    );
  }
  return notices;
}
