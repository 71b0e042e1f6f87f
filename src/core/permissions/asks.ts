import { parseKeyPath } from '../engine/key-path.js';
import { type Payload } from '../engine/payload.js';
import { type ThreadOptions } from '../engine/options.js';
import { APPROVAL_LEVELS, type ApprovalLevel, SANDBOX_LEVELS, type SandboxLevel } from './ceiling.js';

/** What of the options of a thread, a turn or a command a ceiling limits. */
export type LimitedOptions = Pick<ThreadOptions, 'sandbox' | 'sandbox_policy' | 'approval_policy' | 'config'>;

/** One thing that options ask for, and where they do. */
export type Ask = { path: string; value: string } & (
  | { type: 'sandbox'; level: SandboxLevel }
  | { type: 'network' }
  | { type: 'approval_policy'; level: ApprovalLevel }
  /** A key of the operator's, by which programs are run outside of any sandbox. */
  | { type: 'operators_key' }
);

/** Keys of the operator's that make up the sandbox itself. */
const SANDBOX_KEYS = /^(default_permissions|permissions|sandbox_workspace_write\.writable_roots)(\.|$)/;

const LEVEL_OF_POLICY: Readonly<Record<string, SandboxLevel>> = {
  read_only: 'read-only',
  workspace_write: 'workspace-write',
};

/**
 * Everything that the options of a thread, a turn or a command ask for of what a ceiling limits: by `sandbox`,
 * `sandbox_policy`, `approval_policy`, and by each key of `config` that says the same. What is not understood counts as
 * the most that it could mean.
 */
export function toAsks(options: LimitedOptions): Ask[] {
  const { sandbox, sandbox_policy: policy, approval_policy: approvals, config } = options;
  return [
    ...(isGiven(sandbox) ? [toSandboxAsk('sandbox', sandbox)] : []),
    ...(policy ? policyAsks(policy) : []),
    ...(isGiven(approvals) ? [toApprovalAsk('approval_policy', approvals)] : []),
    ...(config ? configAsks(config) : []),
  ];
}

function policyAsks({ type, network_access: network }: Payload): Ask[] {
  const level = LEVEL_OF_POLICY[String(type)] ?? 'danger-full-access';
  return [
    { type: 'sandbox', path: 'sandbox_policy.type', value: String(type), level },
    ...networkAsks('sandbox_policy.network_access', network),
  ];
}

/** `restricted` is how the external sandbox says no. */
function networkAsks(path: string, value: unknown): Ask[] {
  const isAsked = isGiven(value) && value !== false && value !== 'restricted';
  return isAsked ? [{ type: 'network', path, value: 'network access' }] : [];
}

function configAsks(config: Payload): Ask[] {
  return Object.entries(config).flatMap(([key, value]) => settingAsks(parseKeyPath(key).join('.'), value));
}

/** Of a key and of all keys within its value. */
function settingAsks(path: string, value: unknown): Ask[] {
  const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
  const inner = isTable ? Object.entries(value).flatMap(([key, part]) => settingAsks(`${path}.${key}`, part)) : [];
  return [...configAsk(path.toLowerCase(), `config.${path}`, value), ...inner];
}

function configAsk(key: string, path: string, value: unknown): Ask[] {
  switch (key) {
    case 'sandbox_mode':
      return [toSandboxAsk(path, value)];
    case 'sandbox_workspace_write.network_access':
      return networkAsks(path, value);
    case 'approval_policy':
      return [toApprovalAsk(path, value)];
    case 'approval_policy.granular.sandbox_approval':
    case 'approval_policy.granular.rules':
      return value === true ? [] : [{ type: 'approval_policy', path, value: 'never', level: 'never' }];
    default:
      return SANDBOX_KEYS.test(key) ? [{ type: 'sandbox', path, value: path, level: 'danger-full-access' }] : [];
  }
}

function toSandboxAsk(path: string, value: unknown): Ask {
  const level = SANDBOX_LEVELS.find((known) => known === value) ?? 'danger-full-access';
  return { type: 'sandbox', path, value: toText(value), level };
}

function toApprovalAsk(path: string, value: unknown): Ask {
  const level = APPROVAL_LEVELS.find((known) => known === value) ?? (isAsking(value) ? 'on-request' : 'never');
  return { type: 'approval_policy', path, value: toText(value), level };
}

/** A granular policy that does not ask before a command leaves the sandbox is as good as `never`. */
function isAsking(value: unknown): boolean {
  const granular = (value as { granular?: unknown } | null)?.granular as Payload | null | undefined;
  return granular?.sandbox_approval === true && granular.rules === true;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
