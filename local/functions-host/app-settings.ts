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

/**
 * Puts app settings into the environment, where the app reads them, and returns the way back.
 * A variable that is already set wins, as with the Core Tools.
 */
export function applySettings(settings: Readonly<Record<string, string>>): () => void {
  const added = Object.entries(settings).filter(([name]) => process.env[name] === undefined);
  for (const [name, value] of added) process.env[name] = value;
  return () => {
    for (const [name, value] of added) if (process.env[name] === value) Reflect.deleteProperty(process.env, name);
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
