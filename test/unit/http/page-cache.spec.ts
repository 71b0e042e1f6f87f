import { type Json, toJson } from '../../../src/http/json.js';
import { PageCache } from '../../../src/http/page-cache.js';

describe('PageCache', () => {
  it('makes an answer once, until something changes', () => {
    const cache = new PageCache<string>();
    let made = 0;
    const make = (): Json<string> => toJson(`answer ${String((made += 1))}`);
    const first = cache.get('/a', 1, make);
    expect(first.toString()).toBe('"answer 1"');
    expect(cache.get('/a', 1, make)).toBe(first);
    expect(cache.get('/b', 1, make).toString()).toBe('"answer 2"');
    expect(cache.get('/a', 2, make).toString()).toBe('"answer 3"');
    expect(cache.get('/b', 2, make).toString()).toBe('"answer 4"');
  });

  it('keeps a bounded number of answers', () => {
    const cache = new PageCache<string>();
    const first = cache.get('/0', 1, () => toJson('same'));
    for (let index = 1; index < 1000; index += 1) {
      cache.get(`/${String(index)}`, 1, () => toJson('same'));
    }
    expect(cache.get('/0', 1, () => toJson('same'))).not.toBe(first);
  });
});
