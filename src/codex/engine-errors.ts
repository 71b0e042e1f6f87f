import { type ErrorCode, ServiceError } from '../core/errors.js';
import { UNREADABLE } from '../core/threads/unreadable.js';
import {
  CutShort,
  RPC_INVALID_PARAMS,
  RPC_INVALID_REQUEST,
  RPC_METHOD_NOT_FOUND,
  RPC_OVERLOADED,
  RpcError,
  TOOL_CALL,
} from './rpc/rpc-error.js';

export const NO_PROGRAM = 'The command could not be started: there is no such program, or it may not be run.';

const THREADS = /^(?:thread|turn|review)\//;

/**
 * The engine has one code for nearly all faults of a caller, so that its words are all there is to tell them apart by. They
 * count only in answers to the methods that say them, and as the engine begins or ends them, since it also passes on what
 * others said: a tool, a server, a name that a caller chose. The phrases were read off engine 0.169.0; each has a test
 * against the pinned engine that fails if they change.
 */
const PHRASES: readonly (readonly [methods: RegExp, phrase: RegExp, code: ErrorCode, message: string])[] = [
  [
    THREADS,
    /\balready has an active writer\.?$/,
    'conflict',
    'Another Codex process is using this thread; close it there first.',
  ],
  // What comes between the engine's word that it has let go of a thread, and its having done so. It names the way out itself.
  [
    THREADS,
    /^thread [\w-]+ is closing; retry (?:thread\/resume )?after the thread is closed\.?$/,
    'conflict',
    'The engine is just letting go of this thread; try again in a moment.',
  ],
  [
    THREADS,
    /^(?:no (?:archived )?rollout found for (?:thread|conversation) id|thread not (?:loaded|found):) [\w-]+$|^thread [\w-]+ does not exist\b/i,
    'thread_not_found',
    'There is no such thread.',
  ],
  // What is left of a thread when the engine was killed before the first line of its file was written.
  [THREADS, /\brollout at .+ is empty\b/, 'gone', 'The engine has nothing of this thread on its disk.'],
  [
    THREADS,
    /^failed to [^:]+: (?:Fatal error: failed to update thread metadata [\w-]+: )?thread-store internal error: (?:failed to (?:read session metadata|load thread history|delete rollout file) |durable rollout shrank )/,
    'thread_unreadable',
    UNREADABLE,
  ],
  [THREADS, /^invalid paginated history lineage for /, 'thread_unreadable', UNREADABLE],
  [
    /^account\//,
    /\bauthentication required to read rate limits$/,
    'not_logged_in',
    'Nobody is logged in to Codex; log in first.',
  ],
  [THREADS, /^turn not found\b/i, 'turn_not_found', 'This thread has no such turn.'],
  [
    /^turn\//,
    /^(?:no active turn to (?:steer|interrupt)|expected active turn id)\b/,
    'turn_not_active',
    'The turn is not running any more.',
  ],
  [
    /^turn\//,
    /^cannot steer a \w+ turn$|\b(?:ActiveTurnNotSteerable|not steerable)\b/i,
    'turn_in_progress',
    'The engine is busy with a turn that takes no input.',
  ],
  [
    /^(?:thread|turn|review|model)\//,
    /\buses model provider .*, which is no longer configured\b/,
    'invalid_request',
    'There is no such model provider.',
  ],
  [/^command\/exec$/, /\bfailed to spawn command: /, 'unprocessable', NO_PROGRAM],
  [
    /^thread\/(?:delete|archive)$/,
    /\bforked history still references it\.?$|^cannot delete thread while attached thread /,
    'conflict',
    'Another thread still refers to the history of this one.',
  ],
];

/** Words of a program that gave up on itself. */
const PANIC = /panicked at|RUST_BACKTRACE/;

/** Of a tool that failed, the engine passes on code and words as they are (0.169.0): neither is the engine's. */
function toToolError(error: RpcError): ServiceError {
  const code = error.code === RPC_INVALID_PARAMS ? 'invalid_request' : 'engine_error';
  const words = error.message.startsWith(NOT_STARTED) ? withoutPaths(error.message) : error.message;
  return new ServiceError(code, `The tool failed: ${words}`, { cause: error });
}

/** The engine's own words of a server that it could not reach. */
const NOT_STARTED = 'failed to get client: ';

/** What a failed engine call means to the caller. */
export function toServiceError(error: unknown): ServiceError {
  if (!(error instanceof RpcError)) {
    return ServiceError.from(error);
  }
  if (error.method === TOOL_CALL) {
    return toToolError(error);
  }
  if (PANIC.test(error.message)) {
    return new ServiceError('engine_error', 'The engine failed inside; its own words are in the log.', {
      cause: error,
    });
  }
  const configCode = configErrorCode(error);
  if (configCode !== undefined) {
    return new ServiceError(configCode, withoutPaths(error.message.trim()), { cause: error });
  }
  const known = PHRASES.find(([methods, phrase]) => methods.test(error.method) && phrase.test(error.message));
  return known ? new ServiceError(known[2], known[3], { cause: error }) : toErrorByCode(error);
}

function toErrorByCode(error: RpcError): ServiceError {
  switch (error.code) {
    case RPC_OVERLOADED:
      return new ServiceError('engine_unavailable', 'The engine is overloaded; try again soon.', {
        cause: error,
        retryAfterSeconds: 1,
      });
    case RPC_INVALID_REQUEST:
    case RPC_INVALID_PARAMS:
      return new ServiceError('invalid_request', `The engine refused the request: ${withoutPaths(error.message)}`, {
        cause: error,
      });
    case RPC_METHOD_NOT_FOUND:
      return new ServiceError('conflict', `The engine can't do that here: ${withoutPaths(error.message)}`, {
        cause: error,
      });
    default:
      return new ServiceError('engine_error', `The engine failed: ${withoutPaths(error.message)}`, { cause: error });
  }
}

/** For what must not be done twice: an engine that ended over it is no reason to try again. To be thrown. */
export function toUnknownOutcome(error: unknown): unknown {
  if (!(error instanceof ServiceError && error.cause instanceof CutShort)) {
    return error;
  }
  const message =
    'The engine ended while it worked on this, and it is not known whether it was done. Look before you try again.';
  return new ServiceError('engine_error', message, { cause: error.cause });
}

/** The engine will not list the turns of a thread that has none: it has no file of it yet. */
export function isBeforeFirstTurn(error: unknown): boolean {
  const isRefusal = error instanceof ServiceError && error.cause instanceof RpcError;
  return isRefusal && String(error.cause).includes('not materialized yet');
}

/** A configuration that was not written says why in its data. */
function configErrorCode({ data }: RpcError): ErrorCode | undefined {
  const code = (data as { config_write_error_code?: unknown } | undefined)?.config_write_error_code;
  switch (code) {
    case undefined:
      return undefined;
    case 'configVersionConflict':
      return 'version_conflict';
    case 'configLayerReadonly':
    case 'configRequirementReadonly':
      return 'forbidden';
    default:
      return 'unprocessable';
  }
}

/** The engine names files of its host, which are none of the caller's activity. */
function withoutPaths(message: string): string {
  return message.replace(/(^|[\s`'"(=])(?:\/[\w.@-]+){2,}/g, '$1[path]');
}
