/** Where secrets come from: a Key Vault, or the environment. Values are read anew for each run and never logged. */
export interface SecretStore {
  /** For messages: the vault's address, or "the environment". */
  readonly place: string;
  /**
   * The secret's text.
   * @throws TablecastError SECRET_MISSING when there is none of that name, SECRET_UNREACHABLE when the store does not answer
   */
  readSecret(name: string): Promise<string>;
}
