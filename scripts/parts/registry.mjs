// A schema registry that speaks Confluent's REST API and enforces compatibility: axonops-schema-registry (Go, Apache-2.0).
import path from 'node:path';
import process from 'node:process';
import { definePart, execute } from './part.mjs';

export const { inspect, install } = definePart({
  name: 'registry',
  title: 'the schema registry (axonops 0.2.1)',
  files: ['registry/go.mod', 'registry/go.sum'],
  tools: ['go'],
  async build({ folder, here }) {
    // `go install …@version` refuses this program; building it as a dependency of a module of our own works.
    await execute(
      'go',
      ['build', '-o', path.join(folder, 'schema-registry'), 'github.com/axonops/axonops-schema-registry/cmd/schema-registry'],
      { cwd: path.join(here, 'registry'), env: { ...process.env, GOFLAGS: '-mod=readonly' } },
    );
  },
});
