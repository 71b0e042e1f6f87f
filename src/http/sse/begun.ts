import { EMPTY, Observable, type Subscriber } from 'rxjs';

/**
 * Subscribes, and resolves once the first value is there (or the source has ended without one) with an observable, for
 * one subscriber, of that value and all later ones. Rejects with the error of a source that fails first. `onGone` is given
 * what lets go of the source in case nobody waits for it any more.
 */
export function begun<T>(source: Observable<T>, onGone: (cancel: () => void) => void): Promise<Observable<T>> {
  return new Promise((resolve, reject) => {
    const early: T[] = [];
    let end: ((subscriber: Subscriber<T>) => void) | undefined;
    let reader: Subscriber<T> | undefined;
    const rest = new Observable<T>((subscriber) => {
      reader = subscriber;
      for (const value of early.splice(0)) {
        subscriber.next(value);
      }
      end?.(subscriber);
      return subscription;
    });
    const finish = (how: (subscriber: Subscriber<T>) => void): void => {
      end = how;
      if (reader) {
        how(reader);
      }
    };
    const subscription = source.subscribe({
      next: (value) => {
        if (reader) {
          reader.next(value);
        } else {
          early.push(value);
          resolve(rest);
        }
      },
      error: (error: unknown) => {
        // Of a promise that was resolved, this is nothing.
        reject(error instanceof Error ? error : new Error(String(error)));
        finish((subscriber) => {
          subscriber.error(error);
        });
      },
      complete: () => {
        resolve(rest);
        finish((subscriber) => {
          subscriber.complete();
        });
      },
    });
    onGone(() => {
      subscription.unsubscribe();
      resolve(EMPTY);
    });
  });
}
