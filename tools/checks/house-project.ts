/** A project of this workspace, and what it may import. */
export interface Project {
  /** Folder of the project, from the root. */
  readonly folder: string;
  /** Name of its package, which is its first door. */
  readonly name: string;
  /** Further doors below its name, for those who need no more than what is behind one. Default: none. */
  readonly doors?: readonly string[];
  /** Packages of this workspace it may import. */
  readonly projects: readonly string[];
  /** npm packages it may import: a name, or a whole scope as `@scope/*`. */
  readonly npm: readonly string[];
  /** npm packages that come in only with some of its doors: package to those doors, none for one that is loaded later. */
  readonly loadedBy?: Readonly<Record<string, readonly string[]>>;
  /** npm packages that only some of its files may import: package to patterns of paths below `src`. */
  readonly npmOnlyIn: Readonly<Record<string, readonly RegExp[]>>;
  /** Whether it may import what Node brings. */
  readonly node: boolean;
  /** Whether it may do I/O, wait, and read clock or chance. */
  readonly pure: boolean;
  /** Folders below `src` that one of them must do without, however long the way to them: its name to theirs. */
  readonly apart?: Readonly<Record<string, readonly string[]>>;
  /** Tries the product and is no part of it: what it imports may stand in its devDependencies. Default: false. */
  readonly isTrial?: boolean;
  /** Where a reader finds, or puts, what is refused here. */
  readonly advice: string;
}
