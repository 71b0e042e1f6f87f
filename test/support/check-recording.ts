import { isAnythingRecorded, recordedFaults } from './recording.js';

// After each spec file: whatever the server said in it has to be what its OpenAPI document says.
afterAll(async () => {
  if (isAnythingRecorded()) {
    const { DocumentChecker } = await import('./document-checker.js');
    expect(recordedFaults(new DocumentChecker())).toEqual([]);
  }
});
