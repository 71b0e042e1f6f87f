import { type RecordCollection, type RecordKeys, Records } from '../../core/records/records.js';
import { SqliteDocuments } from './sqlite-documents.js';
import { type SqliteJournal } from './sqlite-journal.js';
import { type SqliteReader } from './sqlite-reader.js';

export class SqliteRecords extends Records {
  constructor(
    private readonly reader: SqliteReader,
    private readonly journal: SqliteJournal,
  ) {
    super();
  }

  override collection<T>(name: string, keysOf: (record: T) => RecordKeys): RecordCollection<T> {
    return new SqliteDocuments<T>(`records/${name}`, { reader: this.reader, journal: this.journal, keysOf });
  }
}
