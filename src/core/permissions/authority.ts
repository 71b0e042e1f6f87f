import { ServiceError } from '../errors.js';
import { type Ask, type LimitedOptions, toAsks } from './asks.js';
import { APPROVAL_LEVELS, type Ceiling, SANDBOX_LEVELS } from './ceiling.js';

/** On whose behalf something is done. Whatever makes the engine run something wants one. */
export interface Authority {
  readonly ceiling: Ceiling;
  /** What of the options the caller himself has said, where a door adds some of its own; without it all of them. */
  readonly asked?: LimitedOptions;
  /** What a field of the native API is called where the caller wrote it. */
  readonly nameOf?: (path: string) => string;
}

/**
 * Throws `forbidden` unless the options stay within the caller's ceiling, and what they are added to as well: nobody
 * runs, in a thread of somebody else's making, what he may not ask for. A policy that never asks counts only where it is
 * asked for: it gives a thread nothing, and is what some dialects choose by themselves. So do the operator's keys that do
 * not make up the sandbox.
 * @param inForce the options that the thread has; those that are added take their places
 */
export function requireWithin(authority: Authority, options: LimitedOptions, inForce: LimitedOptions = {}): void {
  const { ceiling, asked = options, nameOf = (path: string) => path } = authority;
  requireBelow(toAsks(asked), authority);
  const inherited = toAsks(toInForce(inForce, options)).filter((ask) => isOfSandbox(ask) && isAbove(ask, ceiling));
  if (inherited.length > 0) {
    const what = inherited.map(({ value }) => value).join(', ');
    throw refusal(`This thread works with ${what}, above the ceiling of this token`, inherited, { ceiling, nameOf });
  }
}

/**
 * Throws `forbidden` where keys that run programs outside of any sandbox are asked for, unless the ceiling is full access.
 * @param keys each with the field of the request that has it
 */
export function requireFullAccess(authority: Authority, keys: readonly { field: string }[]): void {
  requireBelow(
    keys.map(({ field }) => ({ type: 'operators_key', path: field, value: field })),
    authority,
  );
}

function requireBelow(asks: readonly Ask[], { ceiling, nameOf = (path: string) => path }: Authority): void {
  const above = asks.filter((ask) => isAbove(ask, ceiling));
  if (above.length > 0) {
    const what = above.map(({ value }) => value).join(', ');
    const verb = above.length === 1 ? 'is' : 'are';
    throw refusal(`${what} ${verb} above the ceiling of this token`, above, { ceiling, nameOf });
  }
}

/**
 * The sandbox that options leave a thread with when they are added to those that it has. A whole policy is all that
 * counts; a word leaves what `config` says of it.
 */
export function toInForce(before: LimitedOptions, added: LimitedOptions): LimitedOptions {
  const { sandbox, sandbox_policy: policy, config } = added;
  if (policy) {
    return { sandbox_policy: policy };
  }
  const { sandbox_policy: policyBefore, sandbox: sandboxBefore, config: configBefore } = before;
  if (policyBefore && !isGiven(sandbox)) {
    return { sandbox_policy: policyBefore };
  }
  return {
    sandbox: sandbox ?? sandboxBefore,
    config: { ...configBefore, ...config },
  };
}

function isAbove(ask: Ask, { sandbox, hasNetwork, approvalPolicy }: Ceiling): boolean {
  switch (ask.type) {
    case 'sandbox':
      return SANDBOX_LEVELS.indexOf(ask.level) > SANDBOX_LEVELS.indexOf(sandbox);
    case 'network':
      return !hasNetwork;
    case 'approval_policy':
      return APPROVAL_LEVELS.indexOf(ask.level) > APPROVAL_LEVELS.indexOf(approvalPolicy);
    case 'operators_key':
      return sandbox !== 'danger-full-access';
  }
}

const isOfSandbox = ({ type }: Ask): boolean => type === 'sandbox' || type === 'network';

interface RefusalContext {
  ceiling: Ceiling;
  nameOf: (path: string) => string;
}

function refusal(what: string, asks: readonly Ask[], { ceiling, nameOf }: RefusalContext): ServiceError {
  const flags = [...new Set(asks.map(toFlag))].join(' and ');
  return new ServiceError(
    'forbidden',
    `${what}, which is ${toText(ceiling)}. Use a token with the scope "admin", or raise the ceiling with ${flags}.`,
    {
      fields: asks.map((ask) => ({
        path: nameOf(ask.path),
        message: `is above the ceiling, ${toLimit(ask, ceiling)}`,
      })),
    },
  );
}

function toText({ sandbox, hasNetwork, approvalPolicy }: Ceiling): string {
  return `${sandbox} ${hasNetwork ? 'with' : 'without'} network, ${approvalPolicy}`;
}

function toLimit({ type }: Ask, { sandbox, approvalPolicy }: Ceiling): string {
  return type === 'approval_policy' ? approvalPolicy : type === 'network' ? 'no network' : sandbox;
}

function toFlag(ask: Ask): string {
  switch (ask.type) {
    case 'sandbox':
      return `--max-sandbox ${ask.level}`;
    case 'network':
      return '--allow-network';
    case 'approval_policy':
      return `--max-approval-policy ${ask.level}`;
    case 'operators_key':
      return '--max-sandbox danger-full-access';
  }
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
