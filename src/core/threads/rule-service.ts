import { type RuleList, type Rules } from '../engine/rules.js';
import { type ThreadManager } from './thread-manager.js';

interface RuleServicePorts {
  rules: Rules;
  manager: Pick<ThreadManager, 'reload'>;
}

/** The rules, and the threads that were loaded with them. */
export class RuleService {
  constructor(private readonly ports: RuleServicePorts) {}

  list(): Promise<RuleList> {
    return this.ports.rules.list();
  }

  /** Throws as `Rules.delete` does. */
  async delete(ruleId: string): Promise<void> {
    await this.ports.rules.delete(ruleId);
    this.ports.manager.reload();
  }
}
