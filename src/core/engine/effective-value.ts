/** One of the settings that decide which model answers, as they are in force. */
export interface EffectiveValue {
  readonly name: 'model' | 'model_provider' | 'base_url' | 'wire' | 'approval_policy' | 'config_file';
  /** Never a secret; `null`: left to the agent. */
  readonly value: string | null;
  readonly source: 'flag' | 'env' | 'file' | 'default';
  /** The flag, the variable or the file that says so. */
  readonly origin: string | null;
}
