export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where the service tells its operator what happens. Never content, tokens or secrets. */
export abstract class Log {
  /** An error that is the cause goes whole into the field `err`: it is written with its stack. */
  abstract write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}
