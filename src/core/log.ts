export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where the service tells its operator what happens. Never content, tokens or secrets. */
export abstract class Log {
  abstract write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}
