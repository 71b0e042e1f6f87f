import { parseKeyPath, type Setting, settingsOf, toKeyText } from '../engine/key-path.js';
import { ServiceError } from '../errors.js';
import { type Authority, requireFullAccess } from './authority.js';
import { type LimitedOptions } from './asks.js';
import { type ConfigKeys, type Need } from './config-keys.js';

export interface ConfigPolicyOptions {
  /** Whether callers may set keys that need `admin`, which the operator says at the start. */
  allowsConfigAdmin: boolean;
}

/** A setting together with what it needs. */
interface JudgedSetting extends Need {
  /** As config.toml would spell it. */
  path: string;
  /** Where the request has it. */
  field: string;
}

const FLAG = '--allow-config-admin';
const UNUSABLE = ['features', 'use_legacy_landlock'];

/** What callers may set in the engine's configuration: what is classified as open; all else needs the operator's leave. */
export class ConfigPolicy {
  constructor(
    private readonly keys: ConfigKeys,
    private readonly options: ConfigPolicyOptions,
  ) {}

  /**
   * For one key of config.toml. Throws `invalid_request` for what is no key path, `unprocessable` for a value with which
   * nothing runs, `forbidden` for a key that is not open.
   * @param isReplacing whether a table takes the place of the whole table that was there
   */
  requireWritable(keyPath: string, value: unknown, isReplacing: boolean): void {
    const settings = settingsOf(keyPath, value);
    requireUsable(keyPath, value, '');
    const replaced = isReplacing ? settings.slice(0, 1).map(({ path }) => ({ path, isTable: false })) : [];
    const refused = this.#judge([...settings, ...replaced], '').find(({ access }) => access !== 'open');
    if (refused && !this.options.allowsConfigAdmin) {
      throw needsAdmin(refused);
    }
  }

  /**
   * For the `config` among the options of a thread, as far as its caller has said it himself. Throws as `requireWritable`;
   * `forbidden` too for what is above the caller's ceiling, and for what nobody may set for one thread.
   */
  requireOverrides(options: Pick<LimitedOptions, 'config'>, authority: Authority): void {
    const { config } = authority.asked ?? options;
    const given = Object.entries(config ?? {});
    const judged = given.flatMap(([key, value]) => {
      const settings = settingsOf(key, value);
      requireUsable(key, value, 'config.');
      return this.#judge(settings, 'config.');
    });
    const ofFile = judged.find(({ access }) => access === 'file');
    if (ofFile) {
      throw new ServiceError(
        'forbidden',
        `${ofFile.key} can't be set for a thread. The operator sets it in config.toml, folders to trust also with --trust-folder.`,
        { fields: [{ path: ofFile.field, message: "can't be set for a thread" }] },
      );
    }
    const ofAdmin = judged.filter(({ access }) => access === 'admin');
    const [first] = ofAdmin;
    if (first && !this.options.allowsConfigAdmin) {
      throw needsAdmin(first);
    }
    requireFullAccess(authority, ofAdmin);
  }

  /** Throws `forbidden`: for what is the operator's as a whole. */
  requireAdmin(what: string): void {
    if (!this.options.allowsConfigAdmin) {
      throw new ServiceError('forbidden', `${what} needs a server that was started with ${FLAG}.`);
    }
  }

  /** @param at where the paths begin in the request */
  #judge(settings: readonly Setting[], at: string): JudgedSetting[] {
    const judged = settings.map((setting) => {
      const path = toKeyText(setting.path);
      return { ...this.keys.needOf(setting), path, field: `${at}${path}` };
    });
    return [...new Map(judged.map((setting) => [`${setting.field} ${setting.access}`, setting])).values()];
  }
}

function needsAdmin(setting: JudgedSetting): ServiceError {
  return new ServiceError(
    'forbidden',
    `${toReason(setting)} Start the server with ${FLAG} to let callers with the scope "admin" set it.`,
    { fields: [{ path: setting.field, message: `needs ${FLAG}` }] },
  );
}

function toReason({ key, path, isClassified }: JudgedSetting): string {
  if (!isClassified) {
    return `${key} is not among the keys that callers may set.`;
  }
  return key.startsWith(`${path}.`)
    ? `${path} as a whole is the operator's to set, since ${key} is in it; the keys in it can be set one by one.`
    : `${key} is the operator's to set: it can run programs, send credentials elsewhere or lift the sandbox.`;
}

/** Throws `unprocessable` for a value with which the engine can run no command at all, whoever sets it. */
function requireUsable(keyPath: string, value: unknown, at: string): void {
  if (findValue(keyPath, value, UNUSABLE) === true) {
    const key = UNUSABLE.join('.');
    throw new ServiceError('unprocessable', `With ${key} the engine can't run any command; leave it out.`, {
      fields: [{ path: `${at}${key}`, message: "can't be used with this engine" }],
    });
  }
}

/** What is set at the wanted path by this value at that key path; `undefined`: nothing. */
function findValue(keyPath: string, value: unknown, wanted: readonly string[]): unknown {
  const given = parseKeyPath(keyPath);
  const isOnTheWay = given.length <= wanted.length && given.every((segment, index) => segment === wanted[index]);
  const inside = isOnTheWay ? wanted.slice(given.length) : [];
  return isOnTheWay
    ? inside.reduce((part, key) => (part as Record<string, unknown> | null | undefined)?.[key], value)
    : undefined;
}
