/** All that functions, runners and readers import. */
export type { RunContext, RunJournal, Stage } from './context';
export { TablecastError, type ErrorCode, type ErrorDetails } from './errors';
export type { Logger } from './logger';
export { getEnvironment, readSettings, type Settings } from './settings';
export { LIBRARY_VERSION } from './version';

export * from './schema';
export { quoteIdentifier, quoteLiteral } from './duckdb/quote';
export { Workspace, type WorkspaceColumn } from './duckdb/workspace';

export {
  KafkaProducer,
  type CommitResult,
  type KafkaProducerOptions,
  type ProduceOptions,
  type PublishOptions,
  type ReplaceOptions,
  type TargetOptions,
} from './kafka/kafka-producer';
export { azureTokens, type OAuthToken, type TokenSource } from './kafka/azure-token';
export { KafkaSecretSettings } from './kafka/kafka-secret-settings';
export type { Target } from './kafka/target';

export { compareTables, type CompareOptions, type Comparison } from './delta/compare-tables';
export { DeltaRunner } from './delta/delta-runner';
export type { DeltaStrategy, DeltaTask, LoadedTable } from './delta/delta-strategy';
export { full } from './delta/full';
export { checkPointerForm } from './delta/pointer-form';
export { keyOf, publishAll, publishChanges, publishUpserts } from './delta/publish';
export { everything, type Selection } from './delta/selection';
export { watermark, type WatermarkOptions } from './delta/watermark';
export { checkVanished, snapshot, type SnapshotOptions } from './delta/snapshot';

export { CombinedReader } from './run/combined-reader';
export { dataFlow, type DataFlow } from './run/data-flow';
export type { FlowDefinition } from './run/flow-definition';
export type { FlowServices } from './run/flow-services';
export type { FlowStatus } from './run/flow-status';
export { FullLoadRunner, FunctionRunner, type NewPointer } from './run/function-runner';
export type { Problem } from './run/problem';
export { registerTimer } from './run/register-timer';
export type { RunReport } from './run/run-report';
export type { RunReader } from './run/run-reader';
export { FLOW_METHODS, type Filter, type Load } from './run/run-request';
export { SourceAdapter } from './run/source-adapter';
export type { ComparisonOperator, SqlDialect, WatermarkType } from './run/sql-dialect';

export type { LineageDocument, SourceField, SourceTable, TargetLineage } from './lineage/lineage-document';
export type { LineageRecorder, ObjectLoad, SqlLoad, StepOfRun } from './lineage/lineage-recorder';
export { toOpenLineage, type OpenLineageJobEvent, type OpenLineageOptions } from './lineage/open-lineage';

export type { RowRule } from './transform/row-rule';
export { Transformation, type TransformationStep } from './transform/transformation';

export { readSecret, secretStore } from './secrets/choose-secrets';
export type { SecretStore } from './secrets/secret-store';
