import { statSync } from 'node:fs';
import { type ErrorCode, ServiceError } from '../../core/errors.js';
import { RpcError } from '../rpc/rpc-error.js';

/** How the engine begins when it can't make sense of the configuration that it would use (0.169.0). */
const CONFIG_FAULT =
  /^(?:failed to (?:load configuration|read configuration layers|resolve feature override precedence)|invalid configuration): /;
const NONE = { includeLayers: false, cwd: null };

/**
 * Whether the engine can read its own configuration. One fault of it comes up in many requests, in the same words as a
 * fault of their caller's, so that the engine is asked once more, without anything of a caller's.
 */
export class ConfigHealth {
  #fault: string | undefined;
  #stamp = '';
  #checking: Promise<string | undefined> | undefined;

  /**
   * @param path the engine's config.toml
   * @param read sends `config/read`
   */
  constructor(
    private readonly path: string,
    private readonly read: (params: object) => Promise<unknown>,
  ) {}

  /** What is wrong, as last seen; the file is looked at again when it has changed since. */
  get fault(): string | undefined {
    if (toStamp(this.path) !== this.#stamp) {
      void this.check();
    }
    return this.#fault;
  }

  /** What is wrong now. Resolves with what was known where the engine can't be asked. */
  check(): Promise<string | undefined> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** The error itself, unless it says that the configuration is at fault: then whose that is decides. */
  async explain(error: unknown): Promise<unknown> {
    if (!(error instanceof RpcError) || !CONFIG_FAULT.test(error.message)) {
      return error;
    }
    const fault = await this.check();
    return fault === undefined ? error : toFault('engine_unavailable', fault, error);
  }

  /** The engine has read it for somebody else. */
  wasRead(params: unknown): void {
    if (((params as { cwd?: unknown } | undefined)?.cwd ?? null) === null) {
      this.#stamp = toStamp(this.path);
      this.#fault = undefined;
    }
  }

  async #check(): Promise<string | undefined> {
    const stamp = toStamp(this.path);
    try {
      await this.read(NONE);
      this.#fault = undefined;
    } catch (error) {
      if (!(error instanceof RpcError && CONFIG_FAULT.test(error.message))) {
        return this.#fault;
      }
      this.#fault = toWords(error.message);
    }
    this.#stamp = stamp;
    return this.#fault;
  }
}

function toFault(code: ErrorCode, fault: string, cause: unknown): ServiceError {
  return new ServiceError(code, `The engine can't read its configuration, which the operator has to mend: ${fault}`, {
    cause,
  });
}

/** Where in the file, without where the file is. */
function toWords(message: string): string {
  const [first = ''] = message
    .replace(CONFIG_FAULT, '')
    .replace(/\S*[/\\](?=config\.toml)/g, '')
    .split('\n');
  const where = /\nin (`[^`\n]+`)/.exec(message)?.[1];
  const words = first.trim().replace(/\.$/, '');
  return `${words}${where === undefined ? '' : ` in ${where}`}.`;
}

function toStamp(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${String(stat.mtimeMs)} ${String(stat.size)} ${String(stat.ino)}` : 'none';
}
