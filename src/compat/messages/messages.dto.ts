import { z } from 'zod';

const MAX_MESSAGE_CHARS = 1_000_000;
const MAX_ID_CHARS = 200;

export const CONFIRMATIONS = ['approve', 'approve_for_session', 'decline', 'cancel'] as const;

const message = z.string().min(1).max(MAX_MESSAGE_CHARS).describe('What the agent is told.');
const session = z
  .string()
  .min(1)
  .max(MAX_ID_CHARS)
  .describe('The session: its `session_id`, or the `id` that its first message was sent with.');

export const userMessage = z
  .strictObject({
    type: z.literal('user_message'),
    message,
    work_dir: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('The absolute folder to work in, under a workspace root. Default: the first root.'),
    id: z
      .string()
      .min(1)
      .max(MAX_ID_CHARS)
      .optional()
      .describe('An id of your own, by which the session is found too.'),
  })
  .meta({ id: 'UserMessage', description: 'Starts a session of its own.' });

export const userEdit = z
  .strictObject({
    type: z.literal('user_edit'),
    id: session,
    message,
    turn_id: z
      .string()
      .min(1)
      .max(MAX_ID_CHARS)
      .optional()
      .describe('The `turn_id` of the message that is edited. Default: the last one of the session.'),
  })
  .meta({
    id: 'UserEdit',
    description:
      'Puts another message in the place of an earlier one and runs it. What came after that message is dropped from the history; files stay as they are.',
  });

export const userConfirm = z
  .strictObject({
    type: z.literal('user_confirm'),
    id: z
      .string()
      .min(1)
      .max(MAX_ID_CHARS)
      .describe('The session, when one question waits in it; else the `approval_id` of the question.'),
    message: z.enum(CONFIRMATIONS).default('approve').describe('The answer.'),
  })
  .meta({ id: 'UserConfirm', description: 'Answers a question of the agent.' });

export const userCancel = z
  .strictObject({
    type: z.literal('user_cancel'),
    id: session,
    message: z.string().max(MAX_MESSAGE_CHARS).optional().describe('Ignored.'),
  })
  .meta({ id: 'UserCancel', description: 'Interrupts what the session is doing.' });

export const postedMessage = z
  .discriminatedUnion('type', [userMessage, userEdit, userConfirm, userCancel])
  .meta({ id: 'PostedMessage', description: 'What a client has to say, by its `type`.' });

export type UserMessage = z.infer<typeof userMessage>;
export type UserEdit = z.infer<typeof userEdit>;
export type UserConfirm = z.infer<typeof userConfirm>;
export type UserCancel = z.infer<typeof userCancel>;
export type PostedMessage = z.infer<typeof postedMessage>;

export const confirmed = z
  .object({
    type: z.literal('user_confirm'),
    id: z.string().describe('The session.'),
    approval_id: z.string().describe('The question that was answered.'),
    decision: z.enum(CONFIRMATIONS),
  })
  .meta({ id: 'MessageConfirmed', description: 'The answer that was given.' });

export const cancelled = z
  .object({
    type: z.literal('user_cancel'),
    id: z.string().describe('The session.'),
    turn_id: z.string().describe('What was interrupted; its stream ends with `turn_aborted`.'),
  })
  .meta({ id: 'MessageCancelled', description: 'What was interrupted.' });

export const messageAnswer = z
  .discriminatedUnion('type', [confirmed, cancelled])
  .meta({ id: 'MessageAnswer', description: 'The answer to what starts no run.' });

export type Confirmed = z.infer<typeof confirmed>;
export type Cancelled = z.infer<typeof cancelled>;
