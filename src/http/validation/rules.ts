import { ValidateBy, ValidateIf } from 'class-validator';
import { isImageUrl } from '../../core/attachments/image-url.js';
import { isEngineToolName } from '../../core/turns/caller-tools.js';

export const IMAGE_URL_RULE =
  'must be an http(s) URL, or data:image/…;base64,… with a PNG, JPEG, GIF or WebP image in it';

const MAX_METADATA_KEYS = 64;
const MAX_METADATA_KEY_CHARS = 64;
const MAX_METADATA_VALUE_CHARS = 512;
const APPROVAL_POLICIES: readonly unknown[] = ['untrusted', 'on-request', 'never'];

/** May be left out; `null` is not the same as that, since the property has no value that `null` could stand for. */
export function MayBeAbsent(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}

/** A map of at most 64 strings of at most 512 characters, under keys of at most 64. */
export function IsMetadata(): PropertyDecorator {
  return ValidateBy({
    name: 'isMetadata',
    validator: {
      validate: isMetadata,
      defaultMessage: () => '$property must map up to 64 keys (1–64 characters) to strings (up to 512 characters)',
    },
  });
}

/** One of the engine's words, or its granular object, which the engine checks itself. */
export function IsApprovalPolicy(): PropertyDecorator {
  return ValidateBy({
    name: 'isApprovalPolicy',
    validator: {
      validate: (value) => APPROVAL_POLICIES.includes(value) || (isRecord(value) && isRecord(value.granular)),
      defaultMessage: () => '$property must be untrusted, on-request, never or {"granular": {…}}',
    },
  });
}

/** A link to an image, or one as a data URL whose bytes are one. */
export function IsImageUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isImageUrl',
    validator: {
      validate: (value) => typeof value === 'string' && isImageUrl(value),
      defaultMessage: () => `$property ${IMAGE_URL_RULE}`,
    },
  });
}

/** Tools whose names are none of the engine's own, which would take their calls. */
export function AreCallersTools(): PropertyDecorator {
  return ValidateBy({
    name: 'areCallersTools',
    validator: {
      validate: (value) => findTakenName(value) === undefined,
      defaultMessage: (args) => {
        const name = String(findTakenName(args?.value));
        return `$property must not have a tool called ${name}: the engine has one of that name, which would take its calls`;
      },
    },
  });
}

function findTakenName(tools: unknown): unknown {
  const names = Array.isArray(tools) ? tools.map((tool: unknown) => (isRecord(tool) ? tool.name : undefined)) : [];
  return names.find((name) => typeof name === 'string' && isEngineToolName(name));
}

/** Must not be given together with the other property. */
export function IsWithout(other: string): PropertyDecorator {
  return ValidateBy({
    name: 'isWithout',
    validator: {
      validate: (_, args) => (args?.object as Record<string, unknown> | undefined)?.[other] === undefined,
      defaultMessage: () => `$property can't be given together with ${other}`,
    },
  });
}

function isMetadata(value: unknown): boolean {
  if (!isRecord(value)) {
    return false;
  }
  const entries = Object.entries(value);
  return entries.length <= MAX_METADATA_KEYS && entries.every(([key, text]) => isMetadataEntry(key, text));
}

function isMetadataEntry(key: string, text: unknown): boolean {
  const isKey = key.length >= 1 && key.length <= MAX_METADATA_KEY_CHARS;
  return isKey && typeof text === 'string' && text.length <= MAX_METADATA_VALUE_CHARS;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
