import { type SettingName, type SettingValues } from './settings.js';
import { type ValueParser } from './value-parsers.js';

/** How one setting is given from outside. A table row is the only place that knows its names, default and help. */
export interface Option<Name extends SettingName = SettingName> {
  readonly name: Name;
  readonly flag?: string;
  /** In order of weight: the first one set counts. */
  readonly env?: readonly string[];
  /** What stands for the value in `--help`; none: the flag is a switch and takes no value; in brackets: it may be left out. */
  readonly placeholder?: string;
  readonly help: string;
  readonly defaultHelp: string;
  /** Turns a value into the setting; `list` says how the parts are separated in the environment. */
  readonly parse: ValueParser<unknown>;
  readonly list?: ',' | ':';
}

/** Every row in its own type: `parse` gives what the setting holds. */
export type OptionOf = { [Name in SettingName]: TypedOption<Name> }[SettingName];
type Element<T> = T extends readonly (infer Part)[] ? Part : never;
type TypedOption<Name extends SettingName> = Omit<Option<Name>, 'parse' | 'list'> &
  (
    | { readonly parse: ValueParser<SettingValues[Name]> }
    | { readonly list: ',' | ':'; readonly parse: ValueParser<Element<SettingValues[Name]>> }
  );
