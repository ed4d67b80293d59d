/**
 * An error answer of a schema registry: HTTP status and the registry's own code, e.g. 404 and 40401.
 * Codes: https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
export class RegistryProblem extends Error {
  override readonly name = 'RegistryProblem';

  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }

  static subjectNotFound(subject: string): RegistryProblem {
    return new RegistryProblem(404, 40401, `Subject '${subject}' not found.`);
  }

  static versionNotFound(version: number | string): RegistryProblem {
    return new RegistryProblem(404, 40402, `Version ${version} not found.`);
  }

  static schemaNotFound(): RegistryProblem {
    return new RegistryProblem(404, 40403, 'Schema not found');
  }

  static invalidSchema(reason: string): RegistryProblem {
    return new RegistryProblem(422, 42201, `Invalid schema: ${reason}`);
  }
}
