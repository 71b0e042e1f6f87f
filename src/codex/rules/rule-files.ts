import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RuleFault, type RuleList, Rules } from '../../core/engine/rules.js';
import { ServiceError } from '../../core/errors.js';
import { replaceFile } from '../config/replace-file.js';
import { parseRules, type PlacedRule, withoutRule } from './parse-rules.js';
import { RuleSyntaxError } from './rule-reader.js';

const MAX_ATTEMPTS = 5;

interface RuleFile {
  path: string;
  text: string;
  rules: readonly PlacedRule[];
}

/** The files in the folder `rules` of the Codex home, which the engine reads when it loads a thread and appends to. */
export class RuleFiles extends Rules {
  readonly #folder: string;

  constructor(codexHome: string) {
    super();
    this.#folder = join(codexHome, 'rules');
  }

  override list(): Promise<RuleList> {
    const { files, faults } = this.#readAll();
    return Promise.resolve({ rules: files.flatMap(({ rules }) => rules.map(({ rule }) => rule)), faults });
  }

  override delete(ruleId: string): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (this.#tryDelete(ruleId)) {
        return Promise.resolve();
      }
    }
    return Promise.reject(new ServiceError('conflict', 'The file of the rule is being changed by others; try again.'));
  }

  /** Whether it is done: somebody may have written to the file since it was read. */
  #tryDelete(ruleId: string): boolean {
    const { files, faults } = this.#readAll();
    for (const { path, text, rules } of files) {
      const placed = rules.find(({ rule }) => rule.ruleId === ruleId);
      if (placed) {
        return replaceFile(path, text, withoutRule(text, placed));
      }
    }
    throw toMissing(faults);
  }

  #readAll(): { files: RuleFile[]; faults: RuleFault[] } {
    const files: RuleFile[] = [];
    const faults: RuleFault[] = [];
    for (const name of this.#names()) {
      const path = join(this.#folder, name);
      const text = readFileSync(path, 'utf8');
      try {
        files.push({ path, text, rules: parseRules(name, text) });
      } catch (error) {
        if (!(error instanceof RuleSyntaxError)) {
          throw error;
        }
        faults.push({ file: name, line: error.line, message: error.message });
      }
    }
    return { files, faults };
  }

  #names(): string[] {
    try {
      const entries = readdirSync(this.#folder, { withFileTypes: true });
      const found = entries.filter((entry) => entry.name.endsWith('.rules') && !entry.isDirectory());
      return found.map(({ name }) => name).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return [];
      }
      throw error;
    }
  }
}

function toMissing(faults: readonly RuleFault[]): ServiceError {
  const [fault] = faults;
  return fault === undefined
    ? new ServiceError('not_found', 'There is no such rule.')
    : new ServiceError(
        'unprocessable',
        `There is no such rule in the files that can be read. ${fault.file} can't be: line ${String(fault.line)}, ` +
          `${fault.message}. Change it by hand.`,
      );
}
