import { existsSync, readFileSync } from 'node:fs';

/**
 * The `Values` of a local.settings.json; empty when there is no such file.
 * @throws Error when the file is not JSON or a value is not text
 */
export function readLocalSettings(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  const { Values: values = {}, IsEncrypted: encrypted = false } = JSON.parse(readFileSync(file, 'utf8')) as {
    Values?: Record<string, unknown>;
    IsEncrypted?: boolean;
  };
  if (encrypted) throw new Error(`${file} is encrypted: run "func settings decrypt" first`);
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string') throw new Error(`${file}: the value of ${name} must be text`);
  }
  return values as Record<string, string>;
}

/** Puts app settings into the environment, where the app reads them, and returns the way back. */
export function applySettings(settings: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(settings).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(settings)) process.env[name] = value;
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}

/**
 * Replaces each `%NAME%` by the app setting NAME.
 * @throws Error naming the setting that is missing
 */
export function resolveSettings(text: string): string {
  return text.replaceAll(/%([^%\s]+)%/g, (_, name: string) => {
    const value = process.env[name];
    if (value === undefined || value === '') throw new Error(`"%${name}%" does not resolve: the app setting ${name} is not set`);
    return value;
  });
}
