import { concatMap, type Observable, of } from 'rxjs';
import { type TurnEvent } from './turn-event.js';
import { type TurnFeed, type TurnFeedRequest } from './turn-feed.js';

/**
 * The events of a turn to its end, also while it waits for a function of its caller's, which somebody else may answer.
 * Completes without an end when the thread is deleted.
 */
export function followToEnd(feed: TurnFeed, request: TurnFeedRequest): Observable<TurnEvent> {
  return feed
    .follow(request)
    .pipe(
      concatMap((news) =>
        news.type === 'parked' ? followToEnd(feed, { ...request, after: news.seq }) : of(news.event),
      ),
    );
}
