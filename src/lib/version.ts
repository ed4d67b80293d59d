/** Version of the library, the folder `src/lib`, by the rules of semantic versioning. CHANGELOG.md beside it says what changed. */
export const LIBRARY_VERSION = '1.0.0';
