import { type LanguageModelV4FilePart, type LanguageModelV4TextPart } from '@ai-sdk/provider';
import { untranslatable } from '../gateway-error.js';
import { type Fields, findText, toList, toText } from './fields.js';

export type ContentPart = LanguageModelV4TextPart | LanguageModelV4FilePart;

/** What stands in a user's message or in the output of a tool: a text by itself, or parts. */
export function toContent(content: unknown): ContentPart[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : toList(content).map(toPart);
}

/** The words alone. */
export const toPlainText = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : toList(content)
        .map(({ text, refusal }) => findText(text) ?? toText(refusal))
        .filter((text) => text !== '')
        .join('\n\n');

function toPart(part: Fields): ContentPart {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: toText(part.text) };
    case 'input_image':
      return toFile(requireSource(part.image_url, 'An image that is only named by an id'), 'image/*');
    case 'input_file':
      return {
        ...toFile(
          requireSource(part.file_data ?? part.file_url, 'A file that is only named by an id'),
          'application/pdf',
        ),
        ...(findText(part.filename) === undefined ? {} : { filename: toText(part.filename) }),
      };
    default:
      throw untranslatable(`Content of the type "${toText(part.type)}"`);
  }
}

function requireSource(value: unknown, what: string): string {
  const source = findText(value);
  if (source === undefined) {
    throw untranslatable(what);
  }
  return source;
}

const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*),/;

/** @param source a data URL or a link @param mediaType for a link, which does not say what it leads to */
function toFile(source: string, mediaType: string): LanguageModelV4FilePart {
  const match = DATA_URL.exec(source);
  if (match === null) {
    if (!URL.canParse(source)) {
      throw untranslatable('A file whose source is no URL');
    }
    return { type: 'file', mediaType, data: { type: 'url', url: new URL(source) } };
  }
  const [head, type = '', parameters = ''] = match;
  const body = source.slice(head.length);
  const isBase64 = parameters.endsWith(';base64');
  return {
    type: 'file',
    mediaType: type === '' ? 'text/plain' : type,
    data: { type: 'data', data: isBase64 ? body : Buffer.from(decodeURIComponent(body)).toString('base64') },
  };
}
