import { TablecastError } from '../errors';
import type { SecretStore } from './secret-store';

/** Secrets from environment variables: `Labware-Source` is `SECRET_LABWARE_SOURCE`. For local runs, and where no vault is set. */
export class EnvironmentSecrets implements SecretStore {
  readonly place = 'the environment';

  constructor(private readonly environment: Readonly<Record<string, string | undefined>> = process.env) {}

  readSecret(name: string): Promise<string> {
    const variable = secretVariable(name);
    const value = this.environment[variable];
    if (value === undefined || value === '') {
      return Promise.reject(new TablecastError('SECRET_MISSING', { name, place: this.place, variable }));
    }
    return Promise.resolve(value);
  }
}

/** The environment variable that stands for a secret: `Labware-Source` → `SECRET_LABWARE_SOURCE`. */
export function secretVariable(name: string): string {
  return `SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}
