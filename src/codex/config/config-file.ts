import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { type TomlTable } from './config-edits.js';

export const CONFIG_FILE = 'config.toml';

export interface ConfigFile {
  path: string;
  /** `null` when there is no such file. */
  text: string | null;
  /** Empty for a file that is no TOML, which the engine says more about. */
  table: TomlTable;
}

/** The user's configuration. Throws what reading it throws, save that there is none. */
export function readConfigFile(codexHome: string): ConfigFile {
  const path = join(codexHome, CONFIG_FILE);
  const text = readText(path);
  return { path, text, table: text === null ? {} : parseTable(text) };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}

function parseTable(text: string): TomlTable {
  try {
    return parse(text);
  } catch {
    return {};
  }
}
