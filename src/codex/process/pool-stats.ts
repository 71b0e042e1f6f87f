import { EngineStats, type EngineStatsReading } from '../../core/engine/engine-stats.js';
import { type EnginePool } from './engine-pool.js';

export class PoolStats extends EngineStats {
  constructor(private readonly pool: EnginePool) {
    super();
  }

  override read(): EngineStatsReading {
    return this.pool.readStats();
  }
}
