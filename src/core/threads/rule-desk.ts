import { type RuleList, type Rules } from '../agent/rules.js';
import { type ThreadManager } from './thread-manager.js';

interface RuleDeskPorts {
  rules: Rules;
  manager: Pick<ThreadManager, 'reload'>;
}

/** The rules, and the threads that were loaded with them. */
export class RuleDesk {
  constructor(private readonly ports: RuleDeskPorts) {}

  list(): Promise<RuleList> {
    return this.ports.rules.list();
  }

  /** Throws as `Rules.delete` does. */
  async delete(ruleId: string): Promise<void> {
    await this.ports.rules.delete(ruleId);
    this.ports.manager.reload();
  }
}
