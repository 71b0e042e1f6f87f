import { z } from 'zod';

/** OpenAI's own limit of one text. */
export const MAX_TEXT_CHARS = 10_485_760;

export const text = z
  .string()
  .max(MAX_TEXT_CHARS, `string too long. Expected a string with maximum length ${String(MAX_TEXT_CHARS)}`);

const detail = z.enum(['auto', 'low', 'high', 'original']).nullish();

const inputText = z
  .object({ type: z.literal('input_text'), text })
  .meta({ id: 'ResponseInputText', description: 'Text for the model.' });

const inputImage = z
  .object({
    type: z.literal('input_image'),
    image_url: z.string().nullish().describe('A data URL, or a link to a PNG, JPEG, GIF or WebP image.'),
    file_id: z.string().nullish().describe('The id of an uploaded attachment.'),
    detail,
  })
  .meta({ id: 'ResponseInputImage', description: 'An image for the model to look at.' });

const inputFile = z
  .object({
    type: z.literal('input_file'),
    file_id: z.string().nullish().describe('The id of an uploaded attachment.'),
    file_data: z.string().nullish().describe('A data URL, or base64.'),
    file_url: z.string().nullish().describe('A link.'),
    filename: z.string().max(255).nullish(),
    detail,
  })
  .meta({ id: 'ResponseInputFile', description: 'A file: text is shown to the model, others are given to the agent.' });

/** What a user, or a function, may say. */
export const inputContent = z.discriminatedUnion('type', [inputText, inputImage, inputFile]);
export type InputContent = z.infer<typeof inputContent>;

const outputText = z
  .object({ type: z.literal('output_text'), text, annotations: z.array(z.unknown()).nullish() })
  .meta({ id: 'ResponseGivenOutputText', description: 'What the model said.' });

const refusal = z
  .object({ type: z.literal('refusal'), refusal: text })
  .meta({ id: 'ResponseGivenRefusal', description: 'What the model would not do.' });

/** What a message of any role may hold: clients send the model's own words back as either kind of text. */
export const messageContent = z.discriminatedUnion('type', [inputText, inputImage, inputFile, outputText, refusal]);
export type MessageContent = z.infer<typeof messageContent>;
