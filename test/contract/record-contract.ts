import { type RecordCollection } from '../../src/core/records/records.js';
import { type Storage } from './storage-contract.js';

interface Note {
  id: string;
  group: string | null;
  createdAt: string;
  text: string;
}

export function describeRecords(storage: () => Storage): void {
  const notes = (name = 'notes'): RecordCollection<Note> => storage().records.collection(name, (note: Note) => note);
  const note = (id: string, group: string | null, second: number): Note => {
    return { id, group, createdAt: `2026-01-02T03:04:0${String(second)}.000Z`, text: `${id} of ${group ?? 'none'}` };
  };

  it('finds what was put, in its newest form, by its id and by its present group', async () => {
    const [first, second] = [note('a', 'open', 2), note('b', 'open', 1)];
    await Promise.all([notes().put(first), notes().put(second), notes().put(note('c', null, 3))]);
    expect(notes().find('a')).toEqual(first);
    expect(notes().ofGroup('open')).toEqual([second, first]);
    const closed = { ...first, group: null };
    await notes().put(closed);
    expect([notes().find('a'), notes().ofGroup('open')]).toEqual([closed, [second]]);
    await notes().delete(['a', 'none']);
    expect(notes().find('a')).toBeUndefined();
  });

  it('keeps collections apart, and lists each by age', async () => {
    const all = [1, 2, 3].map((second) => note(`n${String(second)}`, null, second));
    await Promise.all(all.map((one) => notes().put(one)));
    await notes('others').put(note('n1', null, 9));
    expect(notes().find('n1')).toEqual(all[0]);
    const page = notes().list({ limit: 2 });
    expect(page.data).toEqual([all[2], all[1]]);
    expect(notes().list({ limit: 2, cursor: page.nextCursor! })).toEqual({ data: [all[0]], nextCursor: null });
    expect(notes().createdBefore(all[2]!.createdAt, 1)).toEqual([all[0]]);
  });
}
