import { type LookupAddress, type LookupOptions } from 'node:dns';
import { lookup as resolve } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { type LinkedFile, LinkedFiles } from '../core/attachments/linked-files.js';
import { ServiceError } from '../core/errors.js';
import { isPublicAddress } from './public-address.js';

const TIMEOUT_MS = 15_000;
const MAX_REDIRECTS = 3;

export interface GuardedLinksOptions {
  /** `HOST` or `HOST:PORT`, in lower case, to which links may lead although their address is a private one. */
  privateHosts: readonly string[];
}

interface FetchOptions {
  maxBytes: number;
  path: string;
}

/**
 * Fetches over http and https from public addresses only, so that a caller can't make the server read what only the server
 * can reach. The address that is checked is the one that is connected to, for each redirect anew.
 */
export class GuardedLinks extends LinkedFiles {
  readonly #privateHosts: ReadonlySet<string>;

  constructor({ privateHosts }: GuardedLinksOptions) {
    super();
    this.#privateHosts = new Set(privateHosts);
  }

  override async fetch(link: string, { maxBytes, path }: FetchOptions): Promise<LinkedFile> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      let url = requireWebUrl(link);
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
        const response = await this.#get(url, signal);
        const location = toLocation(response);
        if (location === undefined) {
          return await toFile(response, maxBytes);
        }
        response.destroy();
        url = requireWebUrl(new URL(location, url).href);
      }
      throw new LinkFault('it redirects too often');
    } catch (error) {
      const reason = signal.aborted ? 'it took too long' : toReason(error);
      const message = `The file at the given link could not be downloaded: ${reason}.`;
      throw new ServiceError('invalid_request', message, { cause: error, fields: [{ path, message: reason }] });
    }
  }

  #get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const isPrivateAllowed = this.#privateHosts.has(url.host) || this.#privateHosts.has(url.hostname);
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (!isPrivateAllowed && isIP(literal) !== 0 && !isPublicAddress(literal)) {
      return Promise.reject(new LinkFault(NOT_PUBLIC));
    }
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const lookup = isPrivateAllowed ? {} : { lookup: lookupPublic };
    return new Promise((fulfil, reject) => {
      request(url, { agent: false, signal, headers: { accept: '*/*' }, ...lookup }, fulfil)
        .on('error', reject)
        .end();
    });
  }
}

const NOT_PUBLIC = 'its host has no public address';

/** A fault that may be told in its own words. */
class LinkFault extends Error {}

type LookupDone = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

function lookupPublic(hostname: string, options: LookupOptions, done: LookupDone): void {
  resolve(hostname, { all: true, family: options.family ?? 0 }).then(
    (addresses) => {
      const open = addresses.filter(({ address }) => isPublicAddress(address));
      const [first] = open;
      if (!first) {
        done(new LinkFault(NOT_PUBLIC), []);
      } else if (options.all === true) {
        done(null, open);
      } else {
        done(null, first.address, first.family);
      }
    },
    (error: unknown) => {
      done(error instanceof Error ? error : new Error(String(error)), []);
    },
  );
}

function requireWebUrl(link: string): URL {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new LinkFault('it must be an http or https URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw new LinkFault('it must hold no credentials');
  }
  return url;
}

function toLocation({ statusCode = 0, headers }: IncomingMessage): string | undefined {
  return statusCode >= 300 && statusCode < 400 ? headers.location : undefined;
}

async function toFile(response: IncomingMessage, maxBytes: number): Promise<LinkedFile> {
  if (response.statusCode !== 200) {
    response.destroy();
    throw new LinkFault(`its server answered ${String(response.statusCode)}`);
  }
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) {
      response.destroy();
      throw new LinkFault(`it is larger than ${String(maxBytes)} bytes`);
    }
    chunks.push(chunk);
  }
  const mediaType = response.headers['content-type']?.split(';')[0]?.trim() ?? 'application/octet-stream';
  return { mediaType, bytes: Buffer.concat(chunks) };
}

function toReason(error: unknown): string {
  return error instanceof LinkFault ? error.message : 'its server can not be reached';
}
