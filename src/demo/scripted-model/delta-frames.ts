import { toFrame } from './response-stream.js';

interface DeltaPlan {
  itemId: string;
  count: number;
  sizeChars: number;
  perWrite: number;
}

/**
 * The frames of `count` text deltas, `perWrite` of them in each part. Each delta is its own number, padded with zeros
 * to `sizeChars` including the blank at its end, so that a reader can prove that none is lost, doubled or moved.
 */
export function* toDeltaFrames(plan: DeltaPlan): Generator<{ frames: string; text: string }> {
  const [head = '', tail = ''] = toFrame('response.output_text.delta', {
    item_id: plan.itemId,
    output_index: 0,
    content_index: 0,
    delta: '\u0001',
  }).split(String.raw`\u0001`);
  for (let first = 0; first < plan.count; first += plan.perWrite) {
    let frames = '';
    let text = '';
    for (let index = first; index < Math.min(first + plan.perWrite, plan.count); index += 1) {
      const delta = toDelta(index, plan.sizeChars);
      frames += head + delta + tail;
      text += delta;
    }
    yield { frames, text };
  }
}

function toDelta(index: number, sizeChars: number): string {
  const digits = Math.max(sizeChars - 1, 1);
  const text = String(index).padStart(digits, '0').slice(-digits);
  return sizeChars > 1 ? `${text} ` : text;
}
