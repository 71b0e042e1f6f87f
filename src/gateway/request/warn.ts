/** Tells the operator what was left out of a request, never what was in it. The same words are told once only. */
export type Warn = (message: string) => void;
