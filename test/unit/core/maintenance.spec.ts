import { jest } from '@jest/globals';
import { ServiceError } from '../../../src/core/errors.js';
import { type Log } from '../../../src/core/log.js';
import { type MaintenanceJob, Maintenance } from '../../../src/core/maintenance.js';

describe('Maintenance', () => {
  let lines: unknown[][];
  let maintenance: Maintenance;

  beforeEach(() => {
    jest.useFakeTimers();
    lines = [];
  });

  afterEach(async () => {
    await maintenance.stop();
    jest.useRealTimers();
  });

  function start(...jobs: MaintenanceJob[]): void {
    const log: Log = { write: (...line: unknown[]) => lines.push(line) };
    maintenance = new Maintenance(jobs, log, 1000);
    maintenance.start();
  }

  it('does everything at once and then at each interval, and says what was worth it', async () => {
    const results = [{ count: 3 }, undefined];
    start({ name: 'the dishes', run: () => Promise.resolve(results.shift()) });
    await jest.advanceTimersByTimeAsync(1000);
    expect(results).toEqual([]);
    expect(lines).toEqual([['info', 'Maintenance done: the dishes.', { count: 3 }]]);
  });

  it('goes on with the next when one fails, and tries that again the next time', async () => {
    const done: string[] = [];
    const failures = [new ServiceError('storage_unavailable', 'The disk is full.')];
    const failing = (): Promise<undefined> => {
      const failure = failures.shift();
      done.push(failure ? 'failed' : 'first');
      return failure ? Promise.reject(failure) : Promise.resolve(undefined);
    };
    const second = (): Promise<undefined> => {
      done.push('second');
      return Promise.resolve(undefined);
    };
    start({ name: 'first', run: failing }, { name: 'second', run: second });
    await jest.advanceTimersByTimeAsync(1000);
    expect(done).toEqual(['failed', 'second', 'first', 'second']);
    expect(lines).toEqual([
      [
        'warn',
        'Maintenance failed: first.',
        { err: expect.objectContaining({ message: 'The disk is full.' }) as unknown },
      ],
    ]);
  });

  it('does nothing twice at a time, and ends when what it does has heard that it should', async () => {
    let begun = 0;
    let hasEnded = false;
    const untilAborted = async (signal: AbortSignal): Promise<undefined> => {
      begun += 1;
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      hasEnded = true;
      return undefined;
    };
    start({ name: 'long', run: untilAborted }, { name: 'never', run: untilAborted });
    await jest.advanceTimersByTimeAsync(5000);
    await maintenance.stop();
    expect([begun, hasEnded]).toEqual([1, true]);
  });
});
