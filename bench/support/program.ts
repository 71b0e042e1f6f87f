import type * as Command from '../../src/codex/engine-command.ts';
import type * as Events from '../../src/core/events/event.ts';
import type * as Log from '../../src/core/log.ts';
import type * as Provider from '../../src/demo/scripted-model/provider-overrides.ts';
import type * as Model from '../../src/demo/scripted-model/scripted-model.ts';
import type * as Gateway from '../../src/gateway/model-gateway.ts';
import type * as Storage from '../../src/storage/embedded/embedded-storage.ts';

/** The parts of the built program that the benchmark uses itself. They are loaded at run time: `dist/` is no source. */
const load = <Module>(path: string): Promise<Module> =>
  import(new URL(`../../dist/${path}`, import.meta.url).href) as Promise<Module>;

export const loadStorage = (): Promise<typeof Storage> => load('storage/embedded/embedded-storage.js');
export const loadEvents = (): Promise<typeof Events> => load('core/events/event.js');
export const loadEngineCommand = (): Promise<typeof Command> => load('codex/engine-command.js');
export const loadProvider = (): Promise<typeof Provider> => load('demo/scripted-model/provider-overrides.js');
export const loadGateway = (): Promise<typeof Gateway> => load('gateway/model-gateway.js');
export const loadLog = (): Promise<typeof Log> => load('core/log.js');
export const loadScriptedModel = (): Promise<typeof Model> => load('demo/scripted-model/scripted-model.js');

export const SERVER_PROGRAM = new URL('../../dist/main.js', import.meta.url);
