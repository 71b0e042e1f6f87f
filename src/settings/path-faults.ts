import { accessSync, constants, statSync, type Stats } from 'node:fs';
import { type SettingValues } from './settings.js';

type Paths = Pick<SettingValues, 'workspaceRoots' | 'trustedFolders' | 'codexPath' | 'codexHome' | 'dataDir'>;

/** What keeps the folders and files that are named from being used, a sentence each. */
export function findPathFaults(paths: Paths): string[] {
  const { workspaceRoots, trustedFolders, codexPath, codexHome, dataDir } = paths;
  return [
    ...findFolderFaults('--workspace-root', workspaceRoots),
    ...findFolderFaults('--trust-folder', trustedFolders),
    ...(codexPath === null ? [] : findBinaryFaults(codexPath)),
    ...findHomeFaults(codexHome, dataDir.startsWith(`${codexHome}/`)),
  ];
}

function findFolderFaults(flag: string, folders: readonly string[]): string[] {
  return folders
    .filter((folder) => !stat(folder)?.isDirectory())
    .map((folder) => `${flag} ${folder} is no folder; name one that exists`);
}

function findBinaryFaults(path: string): string[] {
  if (!stat(path)?.isFile()) {
    return [`--codex-path ${path} is no file; name the Codex binary`];
  }
  return isAllowed(path, constants.X_OK) ? [] : [`--codex-path ${path} is not executable; name the Codex binary`];
}

/** The engine reads and writes there, and ends at once where it can't. */
function findHomeFaults(path: string, isMadeWithDataDir: boolean): string[] {
  const found = stat(path);
  if (found === undefined) {
    return isMadeWithDataDir ? [] : [`--codex-home ${path} does not exist; make it, or name another folder`];
  }
  if (!found.isDirectory()) {
    return [`--codex-home ${path} is no folder; name Codex's own folder`];
  }
  return isAllowed(path, constants.R_OK | constants.W_OK | constants.X_OK)
    ? []
    : [`--codex-home ${path} can't be read and written by this user; change its mode or owner, or name another folder`];
}

/** `undefined` also for what lies below a file. */
function stat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
