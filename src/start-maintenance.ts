import { type CoreServices } from './core/core-services.js';
import { type Log } from './core/log.js';
import { type MaintenanceJob, Maintenance } from './core/maintenance.js';
import { type EmbeddedStorage } from './storage/embedded/embedded-storage.js';

/** Keeps the data directory from growing for ever, until what it returns is called. */
export function startMaintenance(storage: EmbeddedStorage, services: CoreServices, log: Log): () => Promise<void> {
  const forgetAnswers: MaintenanceJob = {
    name: 'old idempotency keys',
    run: async () => {
      await services.idempotency.sweep();
      return undefined;
    },
  };
  const deleteEvents: MaintenanceJob = {
    name: 'events that are no longer kept',
    run: async (signal) => {
      const { deletedEvents, freedPages } = await storage.retention.sweep(signal);
      return deletedEvents + freedPages > 0 ? { deletedEvents, freedPages } : undefined;
    },
  };
  services.maintenanceJobs.add(forgetAnswers, deleteEvents);
  const maintenance = new Maintenance(services.maintenanceJobs, log);
  maintenance.start();
  return () => maintenance.stop();
}
