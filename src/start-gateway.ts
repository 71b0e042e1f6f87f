import { join } from 'node:path';
import { type EngineSettings } from './codex/engine-command.js';
import { toEnvironmentOverrides } from './codex/config/command-environment.js';
import { BARE_HOME, BareHome } from './codex/config/bare-home.js';
import { EngineConfig } from './codex/config/engine-config.js';
import { toEffectiveValues, type GivenValue, type GivenValues } from './codex/config/effective-values.js';
import { ProviderNames } from './codex/config/provider-names.js';
import { ShadowHome } from './codex/config/shadow-home.js';
import { type GatewayAccess, toEngineOverrides } from './codex/config/to-engine-overrides.js';
import { type ReadGuard } from './codex/guard/read-guard.js';
import { type AgentServices } from './codex/services/agent-services.js';
import { TranslatedConfiguration, TranslatedSkills } from './codex/services/translated-configuration.js';
import { type EffectiveValue } from './core/engine/effective-value.js';
import { type Log } from './core/log.js';
import { scriptedModelName, scriptedProviderId } from './demo/scripted-model/provider-overrides.js';
import { ModelGateway, SECRET_HEADER } from './gateway/model-gateway.js';
import { toEnvironmentWarnings } from './settings/environment-warnings.js';
import { findOrigin } from './settings/find-origin.js';
import { type Settings } from './settings/settings.js';
import { toGuard } from './start-guard.js';

const SECRET_VARIABLE = 'CODEX_WEB_GATEWAY_SECRET';

/** What the engine is to be started with, so that it can use the user's configuration whatever is in it. */
export interface EngineSetup {
  settings: EngineSettings;
  overrides: readonly string[];
  /** Keeps secrets from what it runs; none where its sandbox can't. */
  guard: ReadGuard | undefined;
  names: ProviderNames;
  /** Of the engine's processes for bare models. */
  bareHome: BareHome;
  /** The settings that are in force, as they are told at the start and by the configuration's route. */
  toEffective: () => EffectiveValue[];
  /** The services that touch the configuration, in the user's words. */
  translate: (services: AgentServices) => TranslatedServices;
  /** After the engine has ended. */
  close: () => Promise<void>;
}

type TranslatedServices = Omit<AgentServices, 'configuration' | 'skills'> & {
  configuration: TranslatedConfiguration;
  skills: TranslatedSkills;
};

/**
 * Reads the user's config.toml, makes a copy of it where the engine can't read it, and starts the model gateway where a
 * provider needs it. Each value that became something else is told once, in the log.
 */
export async function startGateway(settings: Settings, log: Log): Promise<EngineSetup> {
  const { codexHome, dataDir, modelProvider, engineEnv } = settings;
  const shadow = new ShadowHome({ codexHome, dataDir, path: join(dataDir, 'codex-home') });
  const localBaseUrl = engineEnv.OLLAMA_BASE_URL?.trim();
  const config = new EngineConfig({ codexHome, modelProvider, localBaseUrl, shadow });
  const { translation, table } = config;
  const warnings = [...translation.warnings, ...toEnvironmentWarnings(settings), BareHome.findWarning(table)];
  for (const warning of warnings.filter((text) => text !== undefined)) {
    log.write('warn', warning);
  }
  const gateway = translation.providers.length > 0 ? await openGateway(config, settings, log) : undefined;
  const names = new ProviderNames(translation.engineIds);
  const given = toGiven(settings);
  const guarded = toGuard(settings, table);
  const toEffective = (): EffectiveValue[] => toEffectiveValues(given, config);
  const engineSettings = toEngineSettings(settings, { config, shadow, names, secret: gateway?.secret.value });
  const bareHome = new BareHome({ codexHome: engineSettings.codexHome, dataDir, path: join(dataDir, BARE_HOME) });
  bareHome.bringHome();
  return {
    settings: engineSettings,
    bareHome,
    overrides: [
      ...toEngineOverrides(table, translation, gateway && toAccess(gateway)),
      ...toEnvironmentOverrides(table, SECRET_VARIABLE),
      ...guarded.overrides,
    ],
    guard: guarded.guard,
    names,
    toEffective,
    translate: (services) => ({
      ...services,
      configuration: new TranslatedConfiguration(services.configuration, {
        config,
        names,
        toEffective,
      }),
      skills: new TranslatedSkills(services.skills, config),
    }),
    close: async () => {
      await gateway?.close();
      bareHome.bringHome();
      if (config.isShadowed) {
        shadow.bringHome();
      }
    },
  };
}

function openGateway(config: EngineConfig, { engineEnv: env }: Settings, log: Log): Promise<ModelGateway> {
  const { providers } = config.translation;
  return ModelGateway.start({ findProvider: (id) => config.findProvider(id), providers, env, log });
}

const toAccess = (gateway: ModelGateway): GatewayAccess => ({
  urlOf: (id) => gateway.urlOf(id),
  secretHeader: SECRET_HEADER,
  secretVariable: SECRET_VARIABLE,
});

interface EngineParts {
  config: EngineConfig;
  shadow: ShadowHome;
  names: ProviderNames;
  secret: string | undefined;
}

function toEngineSettings(settings: Settings, { config, shadow, names, secret }: EngineParts): EngineSettings {
  const { modelProvider, approvalPolicy, engineEnv, codexHome } = settings;
  const { isShadowed, translation } = config;
  const local = translation.localProviderId;
  // A provider that only the environment defines has no line in the file that could name it.
  const provider = modelProvider ?? (local !== undefined && translation.engineIds.has(local) ? local : null);
  return {
    ...settings,
    codexHome: isShadowed ? shadow.path : codexHome,
    modelProvider: provider === null ? null : names.toEngine(provider),
    approvalPolicy: approvalPolicy ?? translation.threadPolicy,
    engineEnv: {
      ...(isShadowed ? shadow.env : {}),
      ...engineEnv,
      ...(secret === undefined ? {} : { [SECRET_VARIABLE]: secret }),
    },
  };
}

function toGiven(settings: Settings): GivenValues {
  const given = (name: 'model' | 'modelProvider' | 'approvalPolicy' | 'apiBaseUrl'): GivenValue | null => {
    const value = settings[name];
    const source = settings.sources[name];
    return value === null || source === 'default' ? null : { value, source, origin: findOrigin(settings, name) };
  };
  const byFlag = (value: string, origin: string): GivenValue => ({ value, source: 'flag', origin });
  const bypass = '--dangerously-bypass-approvals-and-sandbox';
  return {
    model: given('model') ?? (settings.isDemo ? byFlag(scriptedModelName, '--demo') : null),
    modelProvider: given('modelProvider') ?? (settings.isDemo ? byFlag(scriptedProviderId, '--demo') : null),
    baseUrl: settings.isDemo ? null : given('apiBaseUrl'),
    approvalPolicy: settings.isBypassingApprovalsAndSandbox ? byFlag('never', bypass) : given('approvalPolicy'),
  };
}
