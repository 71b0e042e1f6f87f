import { type CoreServices } from './core/core-services.js';
import { type Log } from './core/log.js';
import { type Chore, Upkeep } from './core/upkeep.js';
import { type EmbeddedStorage } from './storage/embedded/embedded-storage.js';

/** Keeps the data directory from growing for ever, until what it returns is called. */
export function startUpkeep(storage: EmbeddedStorage, services: CoreServices, log: Log): () => Promise<void> {
  const forgetAnswers: Chore = {
    name: 'old idempotency keys',
    run: async () => {
      await services.idempotency.sweep();
      return undefined;
    },
  };
  const deleteEvents: Chore = {
    name: 'events that are no longer kept',
    run: async (signal) => {
      const { deletedEvents, freedPages } = await storage.retention.sweep(signal);
      return deletedEvents + freedPages > 0 ? { deletedEvents, freedPages } : undefined;
    },
  };
  services.chores.add(forgetAnswers, deleteEvents);
  const upkeep = new Upkeep(services.chores, log);
  upkeep.start();
  return () => upkeep.stop();
}
