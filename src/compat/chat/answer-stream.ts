import { concatMap, from, Observable, of } from 'rxjs';
import { isTurnEnd } from '../../core/turns/turn-event.js';
import { type TurnNews } from '../../core/turns/turn-feed.js';
import { OpenAiFault } from '../openai/errors.js';
import { type AnswerPart } from './answer-parts.js';
import { AnswerReader } from './answer-reader.js';
import { type TextLimits } from './text-limits.js';

export interface AnswerStreamOptions {
  limits: TextLimits;
  /** The turn is of no use any more: nobody reads it, or it has said enough. */
  abandon: () => void;
  /** Whether it is of no use once nobody reads it. */
  isAbandonedUnread: boolean;
}

/** The parts of an answer, as the turn makes them. */
export function toAnswerParts(news: Observable<TurnNews>, options: AnswerStreamOptions): Observable<AnswerPart> {
  return new Observable((subscriber) => {
    const reader = new AnswerReader(options.limits);
    // Over when the engine has nothing more to say in it, or waits for the caller.
    let isOver = false;
    let isAnswered = false;
    const tell = (one: TurnNews): void => {
      isOver = one.type === 'parked' || isTurnEnd(one.event);
      for (const part of reader.take(one)) {
        isAnswered ||= part.type === 'end';
        subscriber.next(part);
      }
      if (isAnswered) {
        subscriber.complete();
      }
    };
    const subscription = news.subscribe({
      next: (one) => {
        try {
          tell(one);
        } catch (error) {
          subscriber.error(error);
        }
      },
      error: (error: unknown) => {
        subscriber.error(error);
      },
      complete: () => {
        subscriber.error(
          new OpenAiFault('conflict', 'The thread was deleted meanwhile.', { openAiCode: 'turn_interrupted' }),
        );
      },
    });
    return () => {
      subscription.unsubscribe();
      if (!isOver && (isAnswered || options.isAbandonedUnread)) {
        options.abandon();
      }
    };
  });
}

/** The whole of an answer that has come to its end. */
export interface WholeAnswer {
  text: string;
  calls: readonly { id: string; function: { name: string; arguments: string } }[];
}

/** Lets the end be told only after `finish` has seen to what must stand by then. */
export function finishing(
  parts: Observable<AnswerPart>,
  finish: (answer: WholeAnswer, end: AnswerPart & { type: 'end' }) => Promise<void>,
): Observable<AnswerPart> {
  return new Observable((subscriber) => {
    let text = '';
    let calls: WholeAnswer['calls'] = [];
    return parts
      .pipe(
        concatMap((part) => {
          if (part.type === 'text') {
            text += part.text;
          } else if (part.type === 'retract') {
            text = shorter(text, part.textChars);
          } else if (part.type === 'calls') {
            calls = part.calls.map(({ callId, name, arguments: args }) => ({
              id: callId,
              function: { name, arguments: args },
            }));
          }
          return part.type === 'end' ? from(finish({ text, calls }, part).then(() => part)) : of(part);
        }),
      )
      .subscribe(subscriber);
  });
}

/** A text without its last characters. */
export function shorter(text: string, chars: number): string {
  return text.slice(0, text.length - chars);
}
