import { isIP, type Socket } from 'node:net';

export interface BoundAddress {
  /** As bound: an address or a name, without brackets. */
  readonly host: string;
  /** Further `Host` values: `name` (with the bound port, or none) or `name:port` (exactly that). */
  readonly allowedHosts: readonly string[];
}

type LocalEnd = Pick<Socket, 'localAddress' | 'localPort'>;

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];
const HTTP_PORT = 80;

/**
 * The `Host` values that mean this server. A page of another site that made its name resolve to this address (DNS
 * rebinding) sends that name, and is refused; names are compared whole, with their port.
 */
export class HostAllowlist {
  readonly #bound: BoundAddress;
  /** Per local address and port, since the port may be picked by the system and a wildcard has many addresses. */
  readonly #accepted = new Map<string, ReadonlySet<string>>();

  constructor(bound: BoundAddress) {
    this.#bound = bound;
  }

  has(host: string | undefined, { localAddress = '', localPort = 0 }: LocalEnd): boolean {
    if (host === undefined) {
      return false;
    }
    const key = `${localAddress} ${String(localPort)}`;
    let accepted = this.#accepted.get(key);
    if (!accepted) {
      accepted = new Set(toAcceptedHosts(this.#bound, localAddress.replace(/^::ffff:/, ''), localPort));
      this.#accepted.set(key, accepted);
    }
    return accepted.has(host) || accepted.has(host.toLowerCase());
  }
}

function toAcceptedHosts({ host, allowedHosts }: BoundAddress, localAddress: string, port: number): string[] {
  const isWildcard = host === '0.0.0.0' || host === '::';
  // Of a wildcard, only the address that was really reached: a rebound name is never an address.
  const own = isWildcard ? [localAddress] : [host];
  const names = isLoopback(isWildcard ? localAddress : host) ? [...own, ...LOOPBACK_NAMES] : own;
  return [
    ...names.flatMap((name) => withPort(isIP(name) === 6 ? `[${name}]` : name, port)),
    ...allowedHosts.flatMap((name) => (/:\d+$/.test(name) ? [name] : [name, ...withPort(name, port)])),
  ];
}

function withPort(name: string, port: number): string[] {
  return port === HTTP_PORT ? [name, `${name}:80`] : [`${name}:${String(port)}`];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
