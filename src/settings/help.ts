import { OPTIONS } from './options.js';

interface Row {
  usage: string;
  env: string;
  text: string;
}

/** The whole text of `--help`, from the same table that is parsed. */
export function toHelpText(): string {
  const rows: Row[] = [
    ...OPTIONS.map(({ flag, placeholder, env, help, defaultHelp }) => ({
      usage: flag === undefined ? '' : [`--${flag}`, placeholder].filter(Boolean).join(' '),
      env: env?.join(', ') ?? '',
      text: `${help} (default: ${defaultHelp})`,
    })),
    { usage: '-a, --addr HOST:PORT', env: 'CODEX_SERVE_ADDR', text: 'host and port at once' },
    {
      usage: '',
      env: 'CODEX_AUTH_TOKEN, CODEX_AUTH_TOKEN_FILE',
      text: 'the bearer token (default: generated on a loopback address, required elsewhere)',
    },
    { usage: '', env: 'CODEX_API_KEY', text: 'the key of the model provider at CODEX_API_BASE_URL' },
    { usage: '-h, --help', env: '', text: 'print this' },
    { usage: '-V, --version', env: '', text: 'print the version' },
  ];
  const lines = rows.map(({ usage, env, text }) =>
    [
      `  ${usage === '' ? env : usage}`,
      `      ${text}`,
      ...(usage === '' || env === '' ? [] : [`      [${env}]`]),
    ].join('\n'),
  );
  return [
    'Usage: codex-web-server [flags]',
    '       codex-web-server doctor [flags]    look at what the server needs',
    '       codex-web-server token --help      tokens for single clients',
    '',
    'The command line wins over the environment, shown in brackets.',
    '',
    ...lines,
    '',
  ].join('\n');
}
