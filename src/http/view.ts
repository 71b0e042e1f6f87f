/**
 * The plain form of a DTO class: what a `to…` function of a `.views.ts` file returns. The class exists to be described in
 * the OpenAPI document, never to be created.
 */
export type View<T> = T extends readonly (infer Part)[]
  ? View<Part>[]
  : T extends object
    ? { [Key in keyof T]: View<T[Key]> }
    : T;
