/** Names that other APIs have → what the field of that meaning may be called here, the likeliest first. */
const CALLED_HERE: ReadonlyMap<string, readonly string[]> = new Map([
  ...['content', 'inputs', 'message', 'messages', 'prompt', 'query', 'text'].map(toInput),
  ['instructions', ['developer_instructions', 'base_instructions']],
  ['system', ['developer_instructions', 'instructions']],
  ['system_prompt', ['developer_instructions', 'instructions']],
  ['sandbox_mode', ['sandbox', 'sandbox_policy']],
  ['sandbox', ['sandbox_policy']],
  ['sandbox_policy', ['sandbox']],
  ['effort', ['reasoning_effort']],
  ['work_dir', ['cwd']],
  ['working_directory', ['cwd']],
  ['directory', ['cwd']],
  ['tools', ['dynamic_tools']],
  ['title', ['name']],
  ['offset', ['cursor']],
  ['page', ['cursor']],
  ['max_tokens', ['max_output_tokens']],
  ['max_completion_tokens', ['max_output_tokens']],
]);

/** Of two such typos a word of four letters is another word. */
const MIN_CHARS_FOR_TWO = 5;

/** The field that was likely meant by a name that is not known: by its meaning, by its spelling, or by none. */
export function findLikelyField(name: string, known: readonly string[]): string | undefined {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll('-', '_');
  const alike = [snake, ...(CALLED_HERE.get(snake) ?? [])].find((one) => known.includes(one));
  if (alike !== undefined || name.length > MAX_CHARS) {
    return alike;
  }
  const allowed = snake.length < MIN_CHARS_FOR_TWO ? 1 : 2;
  return known.find((one) => one.length > allowed && distance(snake, one) <= allowed);
}

const MAX_CHARS = 64;

/** How many letters have to be added, taken away, changed or exchanged with the next one (Damerau, Levenshtein). */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      const ways = [at(last, column) + 1, at(next, column - 1) + 1, at(last, column - 1) + cost];
      const isExchange = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next.push(Math.min(...ways, ...(isExchange ? [at(beforeLast, column - 2) + 1] : [])));
    }
    [beforeLast, last] = [last, next];
  }
  return at(last, to.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Infinity;

function toInput(name: string): [string, readonly string[]] {
  return [name, ['input', 'messages', 'text'].filter((one) => one !== name)];
}
