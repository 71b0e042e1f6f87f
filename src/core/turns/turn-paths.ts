import { type Payload } from '../engine/payload.js';
import { type TurnOptions } from '../engine/options.js';
import { type Workspace } from '../workspace/workspace.js';

/** What a turn says of places in the file system. */
export interface TurnPaths {
  input: readonly unknown[];
  /** Those in force: the thread's with the turn's. */
  options: Pick<TurnOptions, 'cwd' | 'sandbox_policy'>;
}

/**
 * Right before the engine works with them: throws `forbidden` when the folder that a turn is to run in, a folder that its
 * commands may write to, or a file that it shows, is not what it was when it was given.
 */
export async function requirePaths(workspace: Workspace, { input, options }: TurnPaths): Promise<void> {
  const { cwd, sandbox_policy: policy } = options;
  if (typeof cwd === 'string') {
    await workspace.requireStill(cwd, 'cwd');
  }
  const writable = (policy?.writable_roots ?? []) as readonly string[];
  for (const [index, path] of writable.entries()) {
    await workspace.requireStill(path, `sandbox_policy.writable_roots[${String(index)}]`);
  }
  for (const [index, part] of (input as readonly Payload[]).entries()) {
    if (part.type === 'local_image') {
      await workspace.requireStill(String(part.path), `input[${String(index)}].path`, { isFile: true });
    }
  }
}
