/** Every fault in flags, environment and the files they name, each with what would be right. The process exits with 2. */
export class SettingsError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The settings have ${String(faults.length)} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'SettingsError';
    this.faults = faults;
  }
}
