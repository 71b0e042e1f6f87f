import { type Authority } from '../../core/permissions/authority.js';
import { type EngineShape, type EngineView } from '../../core/engine/engine-view.js';
import { type Payload } from '../../core/engine/engine.js';
import { type Workspace } from '../../core/workspace/workspace.js';
import { type InputPart, type SandboxPolicy, type StartTurn } from './bridge.dto.js';

/** A caller who says everything in camelCase, save the keys of `config`. */
export function toBridgeAuthority(authority: Authority): Authority {
  const nameOf = (path: string): string =>
    path.startsWith('config.') ? path : path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return { ...authority, nameOf };
}

/** Options in our words, without those that are left out. To the engine, `null` is the same as that. */
export function toOptions(view: EngineView, shape: EngineShape, options: object): Payload {
  const given = Object.entries(options).filter(([, value]) => value !== null && value !== undefined);
  return view.fromEngine(shape, Object.fromEntries(given)) as Payload;
}

/** Parts for the agent in our words. Throws `forbidden` for an image outside the roots. */
export async function toInput(input: readonly InputPart[], workspace: Workspace): Promise<unknown[]> {
  return Promise.all(
    input.map(async (part, index) => {
      if (part.type !== 'localImage') {
        return part;
      }
      const path = await workspace.requireInside(part.path, `input[${String(index)}].path`);
      return { ...part, type: 'local_image', path };
    }),
  );
}

/** Options of a turn in our words. Throws `forbidden` for a folder outside the roots. */
export async function toTurnOptions(
  view: EngineView,
  { cwd, sandboxPolicy, effort, ...options }: Omit<StartTurn, 'threadId' | 'input'>,
  workspace: Workspace,
): Promise<Payload> {
  const policy = sandboxPolicy ? await toSandboxPolicy(sandboxPolicy, workspace) : undefined;
  return {
    ...toOptions(view, 'TurnStartParams', { ...options, sandboxPolicy: policy }),
    ...(cwd && { cwd: await workspace.requireFolder(cwd, 'cwd') }),
    ...(effort && { reasoning_effort: effort }),
  };
}

/** With every key that the engine wants of a policy of this type. */
async function toSandboxPolicy(policy: SandboxPolicy, workspace: Workspace): Promise<object> {
  switch (policy.type) {
    case 'dangerFullAccess':
      return policy;
    case 'readOnly':
      return { networkAccess: false, ...policy };
    case 'externalSandbox':
      return { networkAccess: 'restricted', ...policy };
    case 'workspaceWrite': {
      const writable = (policy.writableRoots ?? []).map((path, index) =>
        workspace.requireFolder(path, `sandboxPolicy.writableRoots[${String(index)}]`),
      );
      const flags = { networkAccess: false, excludeTmpdirEnvVar: false, excludeSlashTmp: false };
      return { ...flags, ...policy, writableRoots: await Promise.all(writable) };
    }
  }
}
