import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import { Conversation } from '../support/conversation.js';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';
import { createToken } from '../support/tokens.js';

interface Rule extends Json {
  rule_id: string;
  text: string;
}

const HAND_WRITTEN = `# What everybody may do.
prefix_rule(
    pattern = ["git", ["status", 'log']],  # looks only
    decision = "allow",
    justification = "harmless \\u2764",
    match = ["git status", ["git", "log"]],
)

prefix_rule(["rm", "-rf"], "forbidden")  # never
network_rule(host = "example.test", protocol = "https", decision = "deny")
host_executable(name = "git", paths = ["/usr/bin/git"])
# The end.
`;

describe('rules', () => {
  let app: App;
  let folder: string;

  beforeAll(async () => {
    app = await App.start();
    folder = join(app.scratch.codexHome, 'rules');
  });

  afterAll(async () => {
    await app.stop();
  });

  const list = async (): Promise<{ data: Rule[]; faults: Json[] }> => {
    const { body } = (await app.get('/api/v2/rules').expect(200)) as { body: { data: Rule[]; faults: Json[] } };
    return body;
  };
  const find = async (text: string): Promise<Rule> => {
    const found = (await list()).data.find((rule) => rule.text.includes(text));
    if (!found) {
      throw new Error(`There is no rule with ${text}.`);
    }
    return found;
  };
  const outside = (name: string): string => join(app.scratch.root, name);
  const escalated = (name: string): string => `run escalated: touch ${outside(name)} because: it is needed`;
  const allow = async (talk: Conversation): Promise<void> => {
    const { proposed_execpolicy_amendment: execpolicy } = await talk.question();
    await talk.answerPending({ decision: 'approve', amendments: { execpolicy } });
  };

  it('are none, without a folder for them', async () => {
    expect(await list()).toEqual({ data: [], faults: [], next_cursor: null });
  });

  it('come from amendments, and hold no more for loaded threads either when they are deleted', async () => {
    const first = await Conversation.start(app, escalated('kept'));
    await allow(first);
    await first.end();
    const loaded = await Conversation.start(app, escalated('kept'));
    expect(await loaded.end()).toMatchObject({ status: 'completed', questions: 0 });

    const rule = await find(outside('kept'));
    expect(rule).toEqual({
      rule_id: expect.any(String) as string,
      file: 'default.rules',
      line: 1,
      kind: 'prefix_rule',
      pattern: ['touch', outside('kept')],
      host: null,
      protocol: null,
      decision: 'allow',
      justification: null,
      text: `prefix_rule(pattern=["touch", ${JSON.stringify(outside('kept'))}], decision="allow")`,
    });
    await app.delete(`/api/v2/rules/${rule.rule_id}`).expect(204);
    expect((await list()).data).toEqual([]);

    for (const { threadId } of [first, loaded]) {
      const again = await Conversation.continue(app, threadId, escalated('kept'));
      await again.answerNext({ decision: 'decline' });
      await again.end();
    }
    expect(await refusal(app.delete(`/api/v2/rules/${rule.rule_id}`))).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  it('are deleted while a turn runs, which keeps them to its end; the next one has them no more', async () => {
    const maker = await Conversation.start(app, escalated('running'));
    await allow(maker);
    await maker.end();
    const running = await Conversation.start(app, `gate: deleted\n${escalated('running')}\nsay: Done.`);
    await running.stream.until('turn/started');
    await app.delete(`/api/v2/rules/${(await find(outside('running'))).rule_id}`).expect(204);
    app.model.release('deleted');
    expect(await running.end()).toMatchObject({ status: 'completed', questions: 0 });
    const next = await Conversation.continue(app, running.threadId, escalated('running'));
    await next.answerNext({ decision: 'decline' });
    await next.end();
  });

  it('of the operator are listed, and leave everything else as it was when one is deleted', async () => {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'mine.rules');
    writeFileSync(path, HAND_WRITTEN);
    chmodSync(path, 0o640);
    const { data } = await list();
    expect(data.filter(({ file }) => file === 'mine.rules')).toMatchObject([
      {
        line: 2,
        kind: 'prefix_rule',
        pattern: ['git', ['status', 'log']],
        decision: 'allow',
        justification: 'harmless ❤',
      },
      { line: 9, kind: 'prefix_rule', pattern: ['rm', '-rf'], decision: 'forbidden', justification: null },
      { line: 10, kind: 'network_rule', pattern: null, host: 'example.test', protocol: 'https', decision: 'deny' },
      { line: 11, kind: 'host_executable', pattern: null, decision: null },
    ]);
    await app.delete(`/api/v2/rules/${(await find('"rm"')).rule_id}`).expect(204);
    expect(readFileSync(path, 'utf8')).toBe(
      HAND_WRITTEN.replace('prefix_rule(["rm", "-rf"], "forbidden")  # never', '# never'),
    );
    await app.delete(`/api/v2/rules/${(await find('"git", [')).rule_id}`).expect(204);
    expect(readFileSync(path, 'utf8')).toBe(
      [
        '# What everybody may do.\n\n# never',
        'network_rule(host = "example.test", protocol = "https", decision = "deny")',
        'host_executable(name = "git", paths = ["/usr/bin/git"])\n# The end.\n',
      ].join('\n'),
    );
    expect([statSync(path).mode & 0o777, existsSync(`${path}.draft`)]).toEqual([0o640, false]);
  });

  it('of a file that can not be read are told as its fault, and the file is not touched', async () => {
    const path = join(folder, 'program.rules');
    const text = 'prefix_rule(["a"])\nWORDS = ["b"]\nprefix_rule(WORDS)\n';
    writeFileSync(path, text);
    const { data, faults } = await list();
    expect(data.some(({ file }) => file === 'program.rules')).toBe(false);
    expect(faults).toEqual([
      { file: 'program.rules', line: 2, message: expect.stringContaining('expected a rule') as string },
    ]);
    expect(await refusal(app.delete('/api/v2/rules/none'))).toMatchObject({ status: 422, code: 'unprocessable' });
    appendFileSync(join(folder, 'mine.rules'), 'prefix_rule(["c"])');
    await app.delete(`/api/v2/rules/${(await find('["c"]')).rule_id}`).expect(204);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('need the scope admin, to be made by an answer and to be deleted, and read to be listed', async () => {
    const as = async (scopes: string): Promise<(method: 'get' | 'post' | 'delete', path: string) => supertest.Test> => {
      const token = await createToken(app, scopes);
      return (method, path) => supertest(app.url)[method](path).set('Authorization', `Bearer ${token}`);
    };
    const [approver, admin, reader] = [await as('read,approve'), await as('approve,admin'), await as('read')];
    const talk = await Conversation.start(app, escalated('scoped'));
    const { approval_id: id, proposed_execpolicy_amendment: execpolicy } = await talk.question();
    const path = `${talk.path}/approvals/${id}`;
    for (const amendments of [{ execpolicy }, { network: { host: 'example.test', action: 'allow' } }]) {
      const answer = await approver('post', path).send({ decision: 'approve', amendments });
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([403, expect.stringContaining('admin')]);
    }
    await admin('post', path).send({ decision: 'approve', amendments: { execpolicy } }).expect(200);
    await talk.end();
    const { rule_id: ruleId } = await find(outside('scoped'));
    await reader('get', '/api/v2/rules').expect(200);
    await approver('delete', `/api/v2/rules/${ruleId}`).expect(403);
    await admin('delete', `/api/v2/rules/${ruleId}`).expect(204);
  });

  it('do not come from an answer for the thread', async () => {
    const before = await list();
    const talk = await Conversation.start(app, escalated('session'));
    await talk.answerNext({ decision: 'approve_for_session' });
    await talk.end();
    expect(await list()).toEqual(before);
  });
});
