import { type Workspace } from '../../../core/workspace/workspace.js';
import { ServiceError } from '../../../core/errors.js';
import { type Authority } from '../../../core/permissions/authority.js';
import { type Ceiling } from '../../../core/permissions/ceiling.js';
import { OpenAiFault } from '../../openai/errors.js';
import { type CreateResponse } from '../schema/create-response.js';
import { invalid } from './check-create.js';
import { type AgentChoices, type Mode } from './thread-spec.js';

const POLICIES = ['untrusted', 'on-request', 'never'];
const SANDBOXES = ['read-only', 'workspace-write', 'danger-full-access'];

/** What the metadata says of the agent's surroundings; nobody is there to approve anything unless the caller says so. */
export async function toAgentChoices(
  metadata: CreateResponse['metadata'],
  workspace: Workspace,
): Promise<AgentChoices> {
  return {
    cwd: await toFolder(metadata?.codex_cwd, workspace),
    approvalPolicy: oneOf(metadata?.codex_approval_policy, POLICIES, 'codex_approval_policy') ?? 'never',
    sandbox: oneOf(metadata?.codex_sandbox, SANDBOXES, 'codex_sandbox'),
  };
}

async function toFolder(folder: string | undefined, workspace: Workspace): Promise<string> {
  if (folder === undefined) {
    return workspace.defaultPath;
  }
  try {
    return await workspace.requireFolder(folder, 'metadata.codex_cwd');
  } catch (error) {
    const { code, message } = ServiceError.from(error);
    throw new OpenAiFault(code, message, { openAiCode: code, param: 'metadata.codex_cwd', cause: error });
  }
}

/** What the caller chose of those; the rest of them is this dialect's own. */
export function toChooser(metadata: CreateResponse['metadata'], ceiling: Ceiling): Authority {
  const asked = { sandbox: metadata?.codex_sandbox, approval_policy: metadata?.codex_approval_policy };
  return { ceiling, asked, nameOf: (path) => `metadata.codex_${path}` };
}

function oneOf(value: string | undefined, values: readonly string[], key: string): string | null {
  if (value !== undefined && !values.includes(value)) {
    const supported = values.map((one) => `'${one}'`).join(', ');
    throw invalid(`Invalid value: '${value}'. Supported values are: ${supported}.`, 'invalid_value', `metadata.${key}`);
  }
  return value ?? null;
}

/** The mode that the header `X-Codex-Mode` asks for. */
export function parseMode(header: string | string[] | undefined): Mode {
  const value = Array.isArray(header) ? header[0] : header;
  if (value !== undefined && value !== 'agent' && value !== 'model') {
    throw invalid(
      `Invalid value: '${value}'. Supported values are: 'agent', 'model'.`,
      'invalid_value',
      'X-Codex-Mode',
    );
  }
  return value ?? 'agent';
}
