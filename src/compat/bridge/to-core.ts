import { type EngineShape, type EngineView } from '../../core/engine/engine-view.js';
import { type Payload } from '../../core/engine/engine.js';
import { type WorkspaceRoots } from '../../http/workspace/workspace-roots.js';
import { type InputPart, type SandboxPolicy, type StartTurn } from './bridge.dto.js';

/** Options in our words, without those that are left out. To the engine, `null` is the same as that. */
export function toOptions(view: EngineView, shape: EngineShape, options: object): Payload {
  const given = Object.entries(options).filter(([, value]) => value !== null && value !== undefined);
  return view.fromEngine(shape, Object.fromEntries(given)) as Payload;
}

/** Parts for the agent in our words. Throws `forbidden` for an image outside the roots. */
export async function toInput(input: readonly InputPart[], roots: WorkspaceRoots): Promise<unknown[]> {
  return Promise.all(
    input.map(async (part, index) => {
      if (part.type !== 'localImage') {
        return part;
      }
      const path = await roots.requireInside(part.path, `input[${String(index)}].path`);
      return { ...part, type: 'local_image', path };
    }),
  );
}

/** Options of a turn in our words. Throws `forbidden` for a folder outside the roots. */
export async function toTurnOptions(
  view: EngineView,
  { cwd, sandboxPolicy, effort, ...options }: Omit<StartTurn, 'threadId' | 'input'>,
  roots: WorkspaceRoots,
): Promise<Payload> {
  const policy = sandboxPolicy ? await toSandboxPolicy(sandboxPolicy, roots) : undefined;
  return {
    ...toOptions(view, 'TurnStartParams', { ...options, sandboxPolicy: policy }),
    ...(cwd && { cwd: await roots.requireInside(cwd, 'cwd') }),
    ...(effort && { reasoning_effort: effort }),
  };
}

/** With every key that the engine wants of a policy of this type. */
async function toSandboxPolicy(policy: SandboxPolicy, roots: WorkspaceRoots): Promise<object> {
  switch (policy.type) {
    case 'dangerFullAccess':
      return policy;
    case 'readOnly':
      return { networkAccess: false, ...policy };
    case 'externalSandbox':
      return { networkAccess: 'restricted', ...policy };
    case 'workspaceWrite': {
      const writable = (policy.writableRoots ?? []).map((path, index) =>
        roots.requireInside(path, `sandboxPolicy.writableRoots[${String(index)}]`),
      );
      const flags = { networkAccess: false, excludeTmpdirEnvVar: false, excludeSlashTmp: false };
      return { ...flags, ...policy, writableRoots: await Promise.all(writable) };
    }
  }
}
