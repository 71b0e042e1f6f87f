/** What each process of the engine says of the state that they share: it is news once. */
const SHARED = new Set([
  'account/gatewayOAuth/changed',
  'account/updated',
  'app/list/updated',
  'configWarning',
  'deprecationNotice',
  'remoteControl/status/changed',
  'skills/changed',
  'windows/worldWritableWarning',
]);

const MAX_REMEMBERED = 500;

/** Who says it. */
export interface NotificationSource {
  /** A replacement has the place of the process that it replaces. */
  place: number;
  /** It has just taken the place of another one, and finds everything new. */
  isBeginning: boolean;
}

/** Keeps what several processes say of one thing from being told several times. */
export class NotificationDeduplicator {
  readonly #sources = new Map<string, number>();

  /** Whether to pass this on. What a process says of its own doings always is. */
  isNews(name: string, params: unknown, { place, isBeginning }: NotificationSource): boolean {
    if (!SHARED.has(name)) {
      return true;
    }
    const key = `${name} ${JSON.stringify(params)}`;
    const source = this.#sources.get(key);
    if (source !== undefined && (isBeginning || source !== place)) {
      return false;
    }
    if (this.#sources.size >= MAX_REMEMBERED) {
      this.#sources.clear();
    }
    this.#sources.set(key, place);
    return true;
  }
}
