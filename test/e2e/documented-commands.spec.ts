import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, matchesGlob } from 'node:path';
import { scriptedProviderOverrides } from '../../src/demo/scripted-model/provider-overrides.js';
import { ScriptedModel } from '../../src/demo/scripted-model/scripted-model.js';
import { DocumentReader, isRunnable, startsServer } from '../support/document-reader.js';
import { type Block, DOCUMENTS, readBlocks } from '../support/documents.js';
import { Scratch, ServerProcess, TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

/** Blocks that another test runs. */
interface Elsewhere {
  /** A path, or a pattern of paths. */
  document: string;
  language: string;
  /** All of the document when absent. */
  section?: string;
  /** How many the other test takes, where that is not all there are. */
  blocks?: number;
  spec: string;
}

const RUST_SERVER = 'From the Rust web server (`/api/v2`, built with cargo)';
const TYPESCRIPT_CLIENT = 'test/conformance/clients-typescript.spec.ts';
const PYTHON_CLIENT = 'test/conformance/clients-python.spec.ts';
const ELSEWHERE: readonly Elsewhere[] = [
  { document: 'docs/reference/endpoints/*', language: 'bash', spec: 'test/e2e/reference.spec.ts' },
  { document: 'MIGRATION.md', language: 'typescript', section: RUST_SERVER, blocks: 1, spec: TYPESCRIPT_CLIENT },
  { document: 'MIGRATION.md', language: 'python', section: RUST_SERVER, blocks: 1, spec: PYTHON_CLIENT },
  { document: 'clients/typescript/README.md', language: 'typescript', spec: TYPESCRIPT_CLIENT },
  { document: 'clients/python/README.md', language: 'python', spec: PYTHON_CLIENT },
  { document: 'docs/build-a-ui.md', language: 'html', spec: 'test/conformance/ui-page.spec.ts' },
  { document: 'docs/dialects/chat.md', language: 'bash', spec: 'test/conformance/chat-examples.spec.ts' },
  { document: 'docs/dialects/responses.md', language: 'toml', spec: 'test/conformance/codex-as-client.spec.ts' },
  { document: 'docs/providers.md', language: 'toml', spec: 'test/e2e/providers-docs.spec.ts' },
];

/** What can't be had in a sandbox without a network. */
const REASONS = /^needs (the network|root|a container engine|an account|minutes|a browser)\b/;

/** What has to be printed before the reader of a document leaves its streams. */
const AWAITED: Readonly<Record<string, readonly RegExp[]>> = {
  'API.md': [/event: stream\/opened/, /"next_cursor":/, /"decision":"approve"/, /^Hello\.$/m],
  'README.md': [/event: stream\/opened/, /"turn_id":"/, /event: turn\/completed/],
  'docs/dialects/messages.md': [/"type":"task_complete"/],
  'docs/dialects/bridge.md': [/"status":"completed"/],
  'docs/dialects/responses.md': [/"object":"response"/, /event: response\.completed/],
  'docs/operations.md': [/^cws_[\w-]{43}$/m],
};

interface Followed {
  backup: string;
  workspace: string;
  threadId: string;
}

/** What has to be so when the document was followed. */
const CHECKS: Readonly<Record<string, (of: Followed) => Promise<void>>> = {
  'docs/operations.md': startsFromBackup,
};

async function startsFromBackup({ backup, workspace, threadId }: Followed): Promise<void> {
  const folders = ['--codex-home', join(backup, 'codex-home'), '--data-dir', join(backup, 'data')];
  const server = ServerProcess.spawn(['--port', '0', '--workspace-root', workspace, ...folders], {
    CODEX_AUTH_TOKEN: TOKEN,
    LOG_LEVEL: 'warn',
  });
  try {
    const answer = await fetch(`${await server.url}/api/v2/threads/${threadId}/resume`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(await answer.json()).toMatchObject({ thread_id: threadId, preview: 'say: To be kept.', status: 'idle' });
  } finally {
    await server.signal('SIGTERM');
  }
}

const isOf = (row: Elsewhere, block: Block): boolean =>
  matchesGlob(block.document, row.document) &&
  row.language === block.language &&
  (row.section === undefined || row.section === block.section);
const isCode = (block: Block): boolean => isRunnable(block) || ['toml', 'html'].includes(block.language);
const isElsewhere = (block: Block): boolean => ELSEWHERE.some((row) => isOf(row, block));
const place = ({ document, line }: Block): string => `${document}:${String(line)}`;

const BLOCKS = DOCUMENTS.flatMap((document) => readBlocks(document));
const HERE = BLOCKS.filter((block) => isRunnable(block) && block.reason === undefined && !isElsewhere(block));

describe('a block of a document', () => {
  it('is run here or by another test, or says why it is not', () => {
    const left = BLOCKS.filter(
      (block) => isCode(block) && block.reason === undefined && !isElsewhere(block) && !HERE.includes(block),
    );
    expect(left.map(place)).toEqual([]);
  });

  it('says that it is of commands', () => {
    const commands = /^\s*(\$|npm|npx|node|curl|pip|docker|systemctl|sudo|kubectl) /m;
    const untold = BLOCKS.filter(({ language, text }) => ['', 'text'].includes(language) && commands.test(text));
    expect(untold.map(place)).toEqual([]);
  });

  it('is left out for a good reason only', () => {
    const marked = BLOCKS.filter(({ reason }) => reason !== undefined);
    expect(marked.length).toBeGreaterThan(0);
    expect(marked.filter(({ reason }) => !REASONS.test(reason ?? '')).map(place)).toEqual([]);
  });

  it.each(ELSEWHERE)('of $language in $document is run by $spec', ({ spec, blocks, ...row }) => {
    const source = existsSync(spec) ? readFileSync(spec, 'utf8') : '';
    expect([dirname(row.document), basename(row.document)].filter((part) => !source.includes(part))).toEqual([]);
    const found = BLOCKS.filter((block) => isOf({ ...row, spec }, block) && block.reason === undefined).length;
    expect(found).toBe(blocks ?? Math.max(found, 1));
  });
});

describe('the blocks of', () => {
  /** Someone who has a Codex home, and has started nothing yet. */
  async function followFromNothing(blocks: readonly Block[], awaited: readonly RegExp[]): Promise<string> {
    const scratch = new Scratch();
    const model = await ScriptedModel.start();
    try {
      mkdirSync(join(scratch.root, '.codex'));
      mkdirSync(join(scratch.root, 'projects'));
      const config = scriptedProviderOverrides(model.baseUrl).filter((argument) => argument !== '-c');
      writeFileSync(join(scratch.root, '.codex/config.toml'), `${config.join('\n')}\n`);
      return await new DocumentReader(scratch.root).follow(blocks, { PORT: '0', LOG_LEVEL: 'warn' }, awaited);
    } finally {
      await model.close();
      scratch.remove();
    }
  }

  /** Someone who has a server, with its data where it is by default, and the variables that documents name. */
  async function followBesideServer(blocks: readonly Block[], awaited: readonly RegExp[]): Promise<string> {
    const { codexHome, dataDir } = app.scratch;
    const home = mkdtempSync(join(app.scratch.root, 'home-'));
    symlinkSync(codexHome, join(home, '.codex'));
    const env = {
      ...{ HERE: app.url, URL: app.url, TOKEN, THREAD_ID: threadId, LOG_LEVEL: 'warn' },
      ...{ DATA: dataDir, BACKUP: join(home, 'backup'), CODEX_HOME: codexHome },
    };
    const output = await new DocumentReader(home).follow(blocks, env, awaited);
    await CHECKS[blocks[0]?.document ?? '']?.({ backup: env.BACKUP, workspace: app.scratch.workspace, threadId });
    return output;
  }

  let app: App;
  let threadId: string;

  beforeAll(async () => {
    app = await App.start();
    const { codexHome, dataDir } = app.scratch;
    symlinkSync(dataDir, join(codexHome, 'web-server'));
    threadId = await app.createThread();
    await app.runTurn(threadId, 'say: To be kept.');
  });

  afterAll(async () => {
    await app.stop();
  });

  const documents = [...new Set(HERE.map(({ document }) => document))];

  it.each(documents)('%s run as they stand', async (document) => {
    const blocks = HERE.filter((block) => block.document === document);
    const awaited = AWAITED[document] ?? [];
    const output = await (blocks.some(startsServer)
      ? followFromNothing(blocks, awaited)
      : followBesideServer(blocks, awaited));
    expect(awaited.filter((pattern) => !pattern.test(output))).toEqual([]);
  });
});
