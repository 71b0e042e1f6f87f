const MAX_CHARS = 200;
/** An ending longer than this is no type of a file, and need not survive. */
const MAX_EXTENSION_CHARS = 20;
/** Control characters, line separators, and marks that make a name look like another one (Unicode TR 36). */
const INVISIBLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A name to show and to save under: the last part of what was sent, without what could mislead; `file` if that is nothing. */
export function toSafeFilename(sent: string): string {
  const last = sent.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const name = last.replaceAll(INVISIBLE, '').normalize('NFC').trim();
  return /^\.*$/.test(name) ? 'file' : shorten(name);
}

function shorten(name: string): string {
  if (name.length <= MAX_CHARS) {
    return name;
  }
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= MAX_EXTENSION_CHARS ? name.slice(dot) : '';
  const stem = name.slice(0, MAX_CHARS - extension.length);
  // Not through the middle of a character outside of the first plane.
  return (/[\ud800-\udbff]$/.test(stem) ? stem.slice(0, -1) : stem) + extension;
}
