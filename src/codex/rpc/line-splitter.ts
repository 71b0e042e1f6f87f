const NEWLINE = 0x0a;

/** Cuts a byte stream into lines. A line longer than the cap is dropped as a whole and reported once. */
export class LineSplitter {
  #parts: Buffer[] = [];
  #bytes = 0;
  #isDropping = false;

  constructor(
    private readonly maxLineBytes: number,
    private readonly onLine: (line: string) => void,
    private readonly onTooLong: () => void,
  ) {}

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#finish(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) {
      this.#keep(chunk.subarray(start));
    }
  }

  #finish(rest: Buffer): void {
    if (this.#isDropping) {
      this.#isDropping = false;
      return;
    }
    const isTooLong = this.#bytes + rest.length > this.maxLineBytes;
    const parts = [...this.#parts, rest];
    this.#parts = [];
    this.#bytes = 0;
    if (isTooLong) {
      this.onTooLong();
    } else {
      this.onLine((parts.length === 1 ? rest : Buffer.concat(parts)).toString('utf8'));
    }
  }

  #keep(part: Buffer): void {
    if (this.#isDropping) {
      return;
    }
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes > this.maxLineBytes) {
      this.#parts = [];
      this.#bytes = 0;
      this.#isDropping = true;
      this.onTooLong();
    }
  }
}
