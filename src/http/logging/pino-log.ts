import { type Logger } from 'pino';
import { Log, type LogLevel } from '../../core/log.js';

/** The core's log on the process's logger. */
export class PinoLog extends Log {
  constructor(private readonly logger: Logger) {
    super();
  }

  override write(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.logger[level](fields, message);
  }
}
