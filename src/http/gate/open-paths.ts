const DOCS_PATHS = new Set(['/docs', '/redoc', '/openapi.json']);
const DOCS_FOLDERS = ['/docs/', '/redoc/'];

/** The documentation: a browser can't send a header for it, and it holds no data. With docs off there is nothing there. */
export function isDocsPath(path: string): boolean {
  return DOCS_PATHS.has(path) || DOCS_FOLDERS.some((folder) => path.startsWith(folder));
}
