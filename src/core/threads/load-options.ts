import { type ThreadOptions } from '../engine/options.js';
import { type Authority } from '../permissions/authority.js';
import { type Workspace } from '../workspace/workspace.js';
import { type ThreadRecord } from './thread-record.js';

/** Only said of a new thread. */
const NOT_FOR_LOADING: readonly (keyof ThreadOptions)[] = [
  ...(['dynamic_tools', 'ephemeral', 'sandbox', 'sandbox_policy', 'raw_events'] as const),
];

/**
 * Everything that the thread works with, for loading it again or forking it: the engine has a thread's messages on its
 * disk, but neither its sandbox nor its configuration, and falls back to those of `config.toml`. What `overrides` says
 * comes first. Another client may have changed the model and its like since, so that those are left to the engine's
 * memory unless `isOwn`.
 */
export function toLoadOptions(record: ThreadRecord, overrides: ThreadOptions, isOwn: boolean): ThreadOptions {
  return {
    ...without(record.options, NOT_FOR_LOADING),
    ...(isOwn ? inForce(record) : {}),
    ...('sandbox' in overrides ? {} : given({ sandbox_policy: record.sandbox })),
    ...overrides,
    ...mergedConfig(record.options, overrides),
  };
}

/**
 * What was asked for the thread after `overrides` were applied: what it is to be created with should that be needed
 * again, and by which it is known whose it may be to work with it. A sandbox takes the place of a policy.
 */
export function withOverrides(options: ThreadOptions, overrides: ThreadOptions): ThreadOptions {
  const { sandbox_policy: policy, ...rest } = options;
  const kept = policy === undefined || 'sandbox' in overrides ? rest : options;
  return { ...kept, ...overrides, ...mergedConfig(options, overrides) };
}

function inForce({ model, modelProvider, cwd, approvalPolicy, reasoningEffort }: ThreadRecord): ThreadOptions {
  return given({
    model,
    model_provider: modelProvider,
    cwd,
    approval_policy: approvalPolicy,
    reasoning_effort: reasoningEffort,
  });
}

function mergedConfig(options: ThreadOptions, overrides: ThreadOptions): ThreadOptions {
  const config = { ...options.config, ...overrides.config };
  return Object.keys(config).length === 0 ? {} : { config };
}

function without(options: ThreadOptions, keys: readonly (keyof ThreadOptions)[]): ThreadOptions {
  return Object.fromEntries(Object.entries(options).filter(([key]) => !(keys as readonly string[]).includes(key)));
}

function given(options: ThreadOptions): ThreadOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null && value !== undefined));
}

/** The options with the real path of their folder. Throws `forbidden` or `invalid_request` for what is none of ours. */
export async function withRealFolder(
  workspace: Workspace,
  options: ThreadOptions,
  { nameOf = (path) => path }: Authority,
): Promise<ThreadOptions> {
  const { cwd } = options;
  return typeof cwd === 'string' ? { ...options, cwd: await workspace.requireFolder(cwd, nameOf('cwd')) } : options;
}
