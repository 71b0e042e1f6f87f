import { type Api, type CallOptions, type Schemas, unwrap } from './api.js';

/** `client.rules`: what commands and hosts are allowed, asked about or forbidden in all threads. */
export class Rules {
  constructor(private readonly api: Api) {}

  list(options: CallOptions = {}): Promise<Pick<Schemas['RuleList'], 'data' | 'faults'>> {
    return unwrap(this.api.GET('/api/v2/rules', { ...options }));
  }

  /** Threads go without it from their next turn on. Needs the scope `admin`. */
  async delete(ruleId: string, options: CallOptions = {}): Promise<void> {
    await this.api.DELETE('/api/v2/rules/{rule_id}', { params: { path: { rule_id: ruleId } }, ...options });
  }
}
