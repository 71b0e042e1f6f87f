import { BodyBytes } from '../../../src/http/limits/body-bytes.js';
import { seededRandom } from '../../support/seeded-random.js';

const collect = (chunks: readonly Buffer[]): Buffer => {
  const bytes = new BodyBytes();
  for (const chunk of chunks) {
    bytes.add(chunk);
  }
  return bytes.take();
};

describe('BodyBytes', () => {
  it('gives the bytes in their order, in whatever chunks they came', () => {
    const random = seededRandom(7);
    const sizes = [1, 2, 100, 4095, 4096, 8191, 8192, 8193, 65_536];
    for (let round = 0; round < 200; round += 1) {
      const chunks = Array.from({ length: Math.floor(random() * 40) }, () =>
        Buffer.alloc(sizes[Math.floor(random() * sizes.length)]!, Math.floor(random() * 256)),
      );
      expect(collect(chunks).equals(Buffer.concat(chunks))).toBe(true);
    }
  });

  it('copies no body that is one chunk', () => {
    const chunk = Buffer.from('{}');
    expect(collect([chunk])).toBe(chunk);
  });

  it('has none left once they were taken or cleared', () => {
    const bytes = new BodyBytes();
    for (let round = 0; round < 2; round += 1) {
      bytes.add(Buffer.from('a'));
      bytes.add(Buffer.from('b'));
      expect(bytes.take().toString()).toBe('ab');
    }
    bytes.add(Buffer.from('a'));
    bytes.add(Buffer.from('b'));
    bytes.clear();
    expect(bytes.take().toString()).toBe('');
  });
});
