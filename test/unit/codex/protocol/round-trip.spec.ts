import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  NOTIFICATION_METHODS,
  SERVER_NOTIFICATIONS,
  SERVER_REQUESTS,
} from '../../../../src/codex/protocol/generated/methods.js';
import { toCamel, toSnake } from '../../../../src/codex/protocol/translate.js';
import { components, definitions, shapes } from './generated-files.js';
import { samplesOf } from './samples.js';

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ $id: 'openapi', components: { schemas: components } });

const names = Object.keys(shapes);

describe('every definition of the engine', () => {
  it('comes back from snake_case as it was', () => {
    const lost = names.flatMap((name) =>
      samplesOf(definitions, name)
        .map((sample) => ({ name, sample, back: toCamel(name, toSnake(name, sample)) }))
        .filter(({ sample, back }) => JSON.stringify(sample) !== JSON.stringify(back)),
    );
    expect(lost).toEqual([]);
  });

  it('fits the engine schema that its samples were made from', () => {
    const engine = new Ajv2020({ strict: false, validateFormats: false }).addSchema({ $id: 'engine', definitions });
    const unfit = names.flatMap((name) => {
      const validate = engine.compile({ $ref: `engine#/definitions/${name}` });
      return samplesOf(definitions, name).flatMap((sample) =>
        validate(sample) ? [] : [{ name, sample, errors: validate.errors }],
      );
    });
    expect(unfit).toEqual([]);
  });

  it('fits its OpenAPI component once translated', () => {
    const unfit = names
      .filter((name) => `Engine${name}` in components)
      .flatMap((name) => {
        const validate = ajv.compile({ $ref: `openapi#/components/schemas/Engine${name}` });
        return samplesOf(definitions, name)
          .map((sample) => toSnake(name, sample))
          .flatMap((translated) => (validate(translated) ? [] : [{ name, translated, errors: validate.errors }]));
      });
    expect(unfit).toEqual([]);
  });
});

describe('the tables of messages', () => {
  it('have a typed shape and a component for every event and server request', () => {
    const params = [...Object.values(SERVER_NOTIFICATIONS), ...Object.values(SERVER_REQUESTS)].map((row) => row.params);
    const missing = params.filter((name) => typeof shapes[name] !== 'object' || !(`Engine${name}` in components));
    expect(missing).toEqual([]);
    expect(NOTIFICATION_METHODS).toEqual(Object.keys(SERVER_NOTIFICATIONS));
  });

  it('say where a thread is to be found', () => {
    expect(SERVER_NOTIFICATIONS['thread/started']).toMatchObject({ threadId: 'nested' });
    expect(SERVER_NOTIFICATIONS['turn/started']).toMatchObject({ threadId: 'required', turnId: 'nested' });
    expect(SERVER_NOTIFICATIONS['item/agentMessage/delta']).toMatchObject({ threadId: 'required', turnId: 'required' });
    expect(SERVER_NOTIFICATIONS['mcpServer/oauthLogin/completed']).toMatchObject({ threadId: 'optional' });
    expect(SERVER_NOTIFICATIONS['rawResponse/completed']).toMatchObject({ threadId: 'required', turnId: 'required' });
    expect(SERVER_NOTIFICATIONS['account/updated']).toMatchObject({ threadId: 'none', turnId: 'none' });
    expect(SERVER_REQUESTS['item/tool/call']).toEqual({
      params: 'DynamicToolCallParams',
      response: 'DynamicToolCallResponse',
      threadId: 'required',
      turnId: 'required',
    });
  });
});
