import { App } from '../support/start-app.js';
import { writeFileSync } from 'node:fs';
it('probes', async () => {
  const app = await App.start();
  const out: unknown[] = [];
  const log = (label: string, value: unknown) => out.push({ [label]: value });
  const created = await app.post('/api/v2/threads', {
    model: 'other-model', sandbox: 'read-only', approval_policy: { granular: { sandbox_approval: true, rules: true, mcp_elicitations: false, skill_approval: false, request_permissions: false } },
    reasoning_effort: 'high', base_instructions: 'BASE', developer_instructions: 'DEV', config: { 'features.unified_exec': false, 'features.shell_tool': false },
    name: 'N', metadata: { a: 'b' },
    dynamic_tools: [{ type: 'function', name: 'lookup', description: 'd', input_schema: { type: 'object', properties: { someKey: { type: 'string' } } } }],
  });
  log('created', [created.status, created.headers.location, created.body]);
  const id = (created.body as { thread_id: string }).thread_id;
  const turn = await app.runTurn(id, 'usage: 100/10/20/5\nrun: true\nusage: 200/20/30/6\nsay: hi');
  log('turn', turn);
  log('request', app.model.requests[0]?.body);
  log('tools', app.model.requests[0]?.tools);
  const t = await app.createThread();
  log('tools default', null);
  const a = await app.runTurn(t, 'say: one');
  const b = await app.runTurn(t, 'say: two');
  log('tools2', app.model.requests.at(-1)?.tools);
  const fork = await app.post(`/api/v2/threads/${t}/fork`, {});
  log('fork', [fork.status, fork.headers.location, fork.body]);
  const fid = (fork.body as { thread_id: string }).thread_id;
  log('ids', [a.turn_id, b.turn_id]);
  log('fork turns', (await app.get(`/api/v2/threads/${fid}/turns`)).body);
  log('delete source', [(await app.delete(`/api/v2/threads/${t}`)).status, (await app.delete(`/api/v2/threads/${t}`)).body]);
  const s = await app.stream(fid); await s.until('stream/live');
  log('delete fork', [(await app.delete(`/api/v2/threads/${fid}`)).status]);
  await Promise.race([s.ended, new Promise((r) => setTimeout(r, 1000).unref())]);
  log('stream', s.frames);
  s.close();
  const bad = await app.post('/api/v2/threads', { cwd: 3, nope: 1, metadata: { a: 1 }, config: [] });
  log('bad', bad.body);
  const bad2 = await app.post(`/api/v2/threads/${t}/turns`, { input: [{ type: 'text' }, { type: 'x' }, 3] });
  log('bad2', bad2.body);
  log('nulls', (await app.post('/api/v2/threads', { cwd: null, name: null, metadata: null, approval_policy: null, model: null, config: null })).body);
  log('refused', (await app.post('/api/v2/threads', { config: { model_providers: { x: {} } } })).body);
  log('outside', (await app.post('/api/v2/threads', { cwd: '/etc' })).body);
  log('server', app.server.output);
  writeFileSync('/tmp/probe/out.json', JSON.stringify(out, null, 1));
  await app.stop();
});
