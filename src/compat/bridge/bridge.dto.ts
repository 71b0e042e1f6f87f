import { z } from 'zod';
import { isImageUrl } from '../../core/attachments/image-url.js';
import { IMAGE_URL_RULE } from '../../http/validation/rules.js';

const MAX_PATH_CHARS = 4096;
const MAX_TEXT_CHARS = 1_000_000;
const MAX_PARTS = 100;
const MAX_FOLDERS = 20;

const id = z.string().min(1).max(200);
const path = z.string().min(1).max(MAX_PATH_CHARS);
const free = z.record(z.string(), z.unknown());

const approvalPolicy = z
  .union([z.enum(['untrusted', 'on-request', 'never']), z.strictObject({ granular: free })])
  .describe('When the engine asks.');

/** What a thread works with; `null` is the same as leaving it out, as it is to the engine. */
const threadOptions = {
  cwd: path.nullish().describe('The absolute folder to work in, under a workspace root. Default: the first root.'),
  model: id.nullish(),
  modelProvider: id.nullish(),
  approvalPolicy: approvalPolicy.nullish(),
  sandbox: z.enum(['read-only', 'workspace-write', 'danger-full-access']).nullish(),
  config: free.nullish().describe("Overrides of the engine's configuration, as in `config.toml`."),
  baseInstructions: z.string().nullish(),
  developerInstructions: z.string().nullish(),
};

const threadId = id.describe('The thread.');

export const startThread = z
  .strictObject({ ...threadOptions, ephemeral: z.boolean().nullish() })
  .meta({ id: 'BridgeStartThread', description: 'What a new thread works with.' });

export const resumeThread = z
  .strictObject({
    threadId,
    ...threadOptions,
    excludeTurns: z.boolean().optional().describe('Leaves the turns out of the answer.'),
  })
  .meta({ id: 'BridgeResumeThread', description: 'The thread to load, and what it is to work with from now on.' });

export const readThread = z
  .strictObject({ threadId, includeTurns: z.boolean().default(false) })
  .meta({ id: 'BridgeReadThread', description: 'The thread to read.' });

export const forkThread = z
  .strictObject({
    threadId,
    lastTurnId: id.nullish().describe('The last turn that the new thread has. Default: all of them.'),
    ...threadOptions,
    excludeTurns: z.boolean().optional().describe('Leaves the turns out of the answer.'),
  })
  .meta({ id: 'BridgeForkThread', description: 'Where the new thread begins, and what it works with.' });

const detail = z.enum(['auto', 'low', 'high', 'original']).optional();

export const inputPart = z
  .discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('text'),
        text: z.string().min(1).max(MAX_TEXT_CHARS),
        text_elements: z.array(free).max(MAX_PARTS).optional().describe('Spans that an interface marks.'),
      })
      .meta({ id: 'BridgeTextInput', description: 'Words for the agent.' }),
    z
      .strictObject({ type: z.literal('image'), url: z.string().refine(isImageUrl, IMAGE_URL_RULE), detail })
      .meta({ id: 'BridgeImageInput', description: 'An image, best as a `data:` URL.' }),
    z
      .strictObject({ type: z.literal('localImage'), path, detail })
      .meta({ id: 'BridgeLocalImageInput', description: 'An image under a workspace root.' }),
    z
      .strictObject({ type: z.literal('skill'), name: id, path })
      .meta({ id: 'BridgeSkillInput', description: 'Has the agent use a skill.' }),
    z
      .strictObject({ type: z.literal('mention'), name: id, path })
      .meta({ id: 'BridgeMentionInput', description: 'Points the agent at a file or an app.' }),
  ])
  .meta({ id: 'BridgeInput', description: 'A part of what the agent is told.' });

const access = { networkAccess: z.boolean().optional() };

export const sandboxPolicy = z
  .discriminatedUnion('type', [
    z
      .strictObject({ type: z.literal('dangerFullAccess') })
      .meta({ id: 'BridgeFullAccess', description: 'Commands may do anything.' }),
    z
      .strictObject({ type: z.literal('readOnly'), ...access })
      .meta({ id: 'BridgeReadOnly', description: 'Commands may read.' }),
    z
      .strictObject({ type: z.literal('externalSandbox'), networkAccess: z.enum(['restricted', 'enabled']).optional() })
      .meta({ id: 'BridgeExternalSandbox', description: 'Something else confines the server.' }),
    z
      .strictObject({
        type: z.literal('workspaceWrite'),
        ...access,
        writableRoots: z.array(path).max(MAX_PARTS).optional(),
        excludeTmpdirEnvVar: z.boolean().optional(),
        excludeSlashTmp: z.boolean().optional(),
      })
      .meta({ id: 'BridgeWorkspaceWrite', description: 'Commands may write to the folder of the thread.' }),
  ])
  .meta({ id: 'BridgeSandboxPolicy', description: 'What commands may touch.' });

export const startTurn = z
  .strictObject({
    threadId,
    input: z.array(inputPart).min(1).max(MAX_PARTS),
    cwd: path.nullish().describe('An absolute folder under a workspace root.'),
    model: id.nullish(),
    effort: z.string().min(1).max(32).nullish().describe('How long the model thinks.'),
    approvalPolicy: approvalPolicy.nullish(),
    sandboxPolicy: sandboxPolicy.nullish(),
    outputSchema: free.nullish().describe('A JSON Schema that the last message will fit.'),
  })
  .meta({
    id: 'BridgeStartTurn',
    description: 'A request to the agent. Options but `outputSchema` hold for later turns of the thread too.',
  });

export const listSkills = z
  .strictObject({
    cwds: z
      .array(path)
      .max(MAX_FOLDERS)
      .optional()
      .describe('Folders under a workspace root. Default: the first root.'),
    forceReload: z.boolean().default(false).describe('Whether to read them from the disk again.'),
  })
  .meta({ id: 'BridgeListSkills', description: 'Whose skills are asked for.' });

export const writeSkillConfig = z
  .strictObject({
    path: path.nullish().describe('Of the skill, or of its `SKILL.md`. Give this or `name`.'),
    name: id.nullish(),
    enabled: z.boolean(),
  })
  .refine(({ path: place, name }) => (place ?? null) !== null || (name ?? null) !== null, {
    path: ['path'],
    error: 'is needed where there is no name',
  })
  .meta({ id: 'BridgeWriteSkillConfig', description: 'Whether a skill is used.' });

export type StartThread = z.infer<typeof startThread>;
export type ResumeThread = z.infer<typeof resumeThread>;
export type ReadThread = z.infer<typeof readThread>;
export type ForkThread = z.infer<typeof forkThread>;
export type StartTurn = z.infer<typeof startTurn>;
export type InputPart = z.infer<typeof inputPart>;
export type SandboxPolicy = z.infer<typeof sandboxPolicy>;
export type ListSkills = z.infer<typeof listSkills>;
export type WriteSkillConfig = z.infer<typeof writeSkillConfig>;
