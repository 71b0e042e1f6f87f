/**
 * What the translation has to know of one engine definition, as generated into `generated/shapes.json`.
 * `0` is passed through by reference (text, numbers, free-form JSON); a string names another definition.
 */
export type Shape = 0 | string | ShapeNode;

/** One value may be text, a list or an object by turns (`AskForApproval`), so the parts stand side by side. */
export interface ShapeNode {
  /** Text: every value the engine has, in its spelling; present only if one of them is renamed. */
  readonly values?: readonly string[];
  /** A list: the shape of its elements. */
  readonly items?: Shape;
  /** An object whose keys are data: the shape of its values. */
  readonly map?: Shape;
  /** An object whose keys are typed, under the engine's names. */
  readonly object?: ObjectShape;
}

export interface ObjectShape {
  readonly fields: Readonly<Record<string, Shape>>;
  /** Keys beyond `fields` are data and keep their names. Else they are a newer engine's and follow the rule. */
  readonly open?: true;
  /** The key whose value selects the variant; `fields` are then what all variants share. */
  readonly by?: string;
  /** Under the engine's value of `by`; each with the shared fields in it. */
  readonly variants?: Readonly<Record<string, ObjectShape>>;
}
