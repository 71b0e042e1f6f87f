import { ServiceError } from './core/errors.js';

const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use already; stop what uses it, or choose another with --port',
  EADDRNOTAVAIL: 'is no address of this machine; choose another with --host',
  EACCES: 'may not be used by this user; choose another with --port',
};

/** Why the program could not go on, for whoever started it: a sentence where the cause is known, else with its stack. */
export function toFailureText(error: unknown): string {
  if (error instanceof ServiceError) {
    return error.message;
  }
  return error instanceof Error ? (toListenFault(error) ?? error.stack ?? error.message) : String(error);
}

function toListenFault(error: NodeJS.ErrnoException & { address?: string; port?: number }): string | undefined {
  const fault = error.syscall === 'listen' ? LISTEN_FAULTS[error.code ?? ''] : undefined;
  return fault && `${String(error.address)}:${String(error.port)} ${fault}.`;
}
