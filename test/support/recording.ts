import { type Test } from 'supertest';
import { type Answer, type DocumentChecker } from './document-checker.js';

/** Everything that the server under test has said in this spec file, to be held against its OpenAPI document at the end. */
const answers: Answer[] = [];
const events: Readonly<Record<string, unknown>>[] = [];
let isRecordingEvents = true;

/** Has the answer to a request kept. A binary one has no text and is passed over. */
export function recorded(test: Test): Test {
  return test.on('response', ({ status, headers, text }: RecordedResponse) => {
    if (typeof text === 'string') {
      const { pathname } = new URL(test.url);
      const contentType = headers['content-type'] ?? null;
      answers.push({ method: test.method, path: pathname, status, contentType, text });
    }
  });
}

export function recordEvent(data: Readonly<Record<string, unknown>>): void {
  if (isRecordingEvents && typeof data.event === 'string') {
    events.push(data);
  }
}

/** For an engine that talks nonsense on purpose: its events are passed on as they are, so they can't be as promised. */
export function passOverEvents(): void {
  isRecordingEvents = false;
}

export function isAnythingRecorded(): boolean {
  return answers.length + events.length > 0;
}

/** What of it is not as the document says, each fault once. */
export function recordedFaults(checker: DocumentChecker): string[] {
  const known = answers.filter((answer) => checker.hasOperation(answer.method, answer.path) || !isOutside(answer));
  const faults = [
    ...known.flatMap((answer) => checker.checkAnswer(answer)),
    ...events.flatMap((data) => checker.checkEvent(data)),
  ];
  return [...new Set(faults)];
}

/** The documentation does not describe itself, and what is not there at all is refused. */
function isOutside({ path, status }: Answer): boolean {
  return status === 404 || status === 405 || /^\/(openapi\.json|docs|redoc)/.test(path);
}

interface RecordedResponse {
  status: number;
  headers: Record<string, string | undefined>;
  text: unknown;
}
