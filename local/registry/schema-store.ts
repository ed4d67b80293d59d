import type { Type } from 'avsc';
import { incompatibilities, parseAvro, type CompatibilityLevel } from './avro-compatibility';
import { RegistryProblem } from './registry-problem';

/** One version of a subject. */
export interface SchemaVersion {
  readonly subject: string;
  /** Counted from 1 in each subject. */
  readonly version: number;
  /** Counted from 1 over all subjects; the same schema has the same id everywhere. */
  readonly id: number;
  /** The schema as JSON text, as it was registered. */
  readonly schema: string;
}

interface StoredSchema {
  readonly id: number;
  readonly text: string;
  readonly type: Type;
}

/** Subjects, versions and ids of a schema registry, in memory. Throws RegistryProblem. */
export class SchemaStore {
  /** By JSON text without white space. */
  readonly #schemas = new Map<string, StoredSchema>();
  readonly #byId = new Map<number, StoredSchema>();
  readonly #subjects = new Map<string, { lastVersion: number; versions: Map<number, StoredSchema> }>();
  readonly #levels = new Map<string, CompatibilityLevel>();
  globalLevel: CompatibilityLevel;

  constructor(globalLevel: CompatibilityLevel = 'BACKWARD') {
    this.globalLevel = globalLevel;
  }

  get subjects(): string[] {
    return [...this.#subjects].filter(([, { versions }]) => versions.size > 0).map(([name]) => name);
  }

  /** The subject's own level, or undefined when the global one holds. */
  level(subject: string): CompatibilityLevel | undefined {
    return this.#levels.get(subject);
  }

  setLevel(subject: string, level: CompatibilityLevel | undefined): void {
    if (level === undefined) this.#levels.delete(subject);
    else this.#levels.set(subject, level);
  }

  versions(subject: string): SchemaVersion[] {
    const found = [...(this.#subjects.get(subject)?.versions ?? [])];
    if (found.length === 0) throw RegistryProblem.subjectNotFound(subject);
    return found.map(([version, { id, text }]) => ({ subject, version, id, schema: text }));
  }

  version(subject: string, version: number | 'latest'): SchemaVersion {
    const all = this.versions(subject);
    const found = version === 'latest' ? all.at(-1) : all.find((candidate) => candidate.version === version);
    if (found === undefined) throw RegistryProblem.versionNotFound(version);
    return found;
  }

  schema(id: number): string {
    const found = this.#byId.get(id);
    if (found === undefined) throw RegistryProblem.schemaNotFound();
    return found.text;
  }

  /** Every subject and version that has this schema. */
  uses(id: number): SchemaVersion[] {
    this.schema(id);
    return this.subjects.flatMap((subject) => this.versions(subject)).filter((version) => version.id === id);
  }

  /** The version under which a subject has exactly this schema. */
  lookup(subject: string, text: string): SchemaVersion {
    const versions = this.versions(subject);
    const key = keyOf(text);
    const found = versions.find((version) => keyOf(version.schema) === key);
    if (found === undefined) throw RegistryProblem.schemaNotFound();
    return found;
  }

  /** Registers a schema under a subject, or finds it there. @returns its id */
  register(subject: string, text: string): number {
    const key = keyOf(text);
    const type = parsed(text);
    const entry = this.#subjects.get(subject) ?? { lastVersion: 0, versions: new Map<number, StoredSchema>() };
    for (const stored of entry.versions.values()) if (keyOf(stored.text) === key) return stored.id;
    const reasons = this.#reasons(subject, type, [...entry.versions.values()]);
    if (reasons.length > 0) {
      const message = `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${reasons.join('; ')}]`;
      throw new RegistryProblem(409, 409, message);
    }
    let stored = this.#schemas.get(key);
    if (stored === undefined) {
      stored = { id: this.#byId.size + 1, text, type };
      this.#schemas.set(key, stored);
      this.#byId.set(stored.id, stored);
    }
    entry.lastVersion += 1;
    entry.versions.set(entry.lastVersion, stored);
    this.#subjects.set(subject, entry);
    return stored.id;
  }

  /** Why a schema cannot follow one version, or (without a version) those that the subject's level names. */
  check(subject: string, text: string, version?: number | 'latest'): string[] {
    const type = parsed(text);
    if (version !== undefined) return this.#reasons(subject, type, [this.#stored(this.version(subject, version))]);
    // A new subject takes anything.
    const entry = this.#subjects.get(subject);
    return this.#reasons(subject, type, [...(entry?.versions.values() ?? [])]);
  }

  /** Removes one version or all. @returns the numbers of the removed versions */
  remove(subject: string, version?: number | 'latest'): number[] {
    const removed = version === undefined ? this.versions(subject) : [this.version(subject, version)];
    for (const gone of removed) this.#subjects.get(subject)?.versions.delete(gone.version);
    return removed.map((gone) => gone.version);
  }

  #stored(version: SchemaVersion): StoredSchema {
    const stored = this.#byId.get(version.id);
    if (stored === undefined) throw RegistryProblem.schemaNotFound();
    return stored;
  }

  #reasons(subject: string, type: Type, earlier: readonly StoredSchema[]): string[] {
    return incompatibilities(
      this.#levels.get(subject) ?? this.globalLevel,
      type,
      earlier.map((stored) => stored.type),
    );
  }
}

function keyOf(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    throw RegistryProblem.invalidSchema(error instanceof Error ? error.message : String(error));
  }
}

function parsed(text: string): Type {
  try {
    return parseAvro(text);
  } catch (error) {
    throw RegistryProblem.invalidSchema(error instanceof Error ? error.message : String(error));
  }
}
