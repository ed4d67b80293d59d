/**
 * Every error a run can end with, in one table: the thrower, the HTTP answer (problem+json), the retry decision and docs/errors.md all read it.
 */

interface ErrorDefinition {
  /** HTTP status of the answer when this error ends a request. */
  readonly status: number;
  /** Whether the same request can succeed later without anybody changing anything. */
  readonly retry: boolean;
  /** What was being done and to what, with `{placeholders}`. Never a secret, never row content other than key values. */
  readonly message: string;
  /** What to do, as an instruction. */
  readonly fix: string;
}

const definitions = {
  // Request
  METHOD_NOT_ALLOWED: {
    status: 405,
    retry: false,
    message: '{method} is not a way to call {route}',
    fix: 'Use PUT (initial load), PATCH (delta load), POST (load chosen by the request) or GET (status).',
  },
  BODY_INVALID: {
    status: 400,
    retry: false,
    message: 'The request body of {route} is not valid: {reason}',
    fix: 'Send no body, or a JSON object such as {"load": "initial"}; docs/operations.md lists its properties.',
  },
  QUERY_INVALID: {
    status: 400,
    retry: false,
    message: 'The query of the request to {route} is not valid: {reason}',
    fix: 'Use only the parameters "load" and "dataflow", each once; GET takes "dataflow" alone.',
  },
  LOAD_UNKNOWN: {
    status: 400,
    retry: false,
    message: '"{load}" is not a kind of load',
    fix: 'Use "initial", "delta" or "backfill".',
  },
  FILTER_INVALID: {
    status: 400,
    retry: false,
    message: 'The filter of the request to {route} cannot be used: {reason}',
    fix: 'Name columns and the values that select the rows, as text: POST {"load": "backfill", "filter": {"PLANT": "0100"}}.',
  },
  DATAFLOW_MISSING: {
    status: 400,
    retry: false,
    message: '{function} has several dataflows and the request names none of them: {dataflows}',
    fix: 'Name one in the query, ?dataflow=NAME, or in the JSON body, {"dataflow": "NAME"}. GET without a name shows all.',
  },
  DATAFLOW_UNKNOWN: {
    status: 404,
    retry: false,
    message: '{function} has no dataflow "{dataflow}"; it has {dataflows}',
    fix: 'Use one of the names, written exactly so.',
  },
  // Settings and secrets
  SETTING_INVALID: {
    status: 500,
    retry: false,
    message: 'App settings are missing or wrong: {problems}',
    fix: 'Correct the named app settings; docs/settings.md describes each.',
  },
  SECRET_MISSING: {
    status: 500,
    retry: false,
    message: 'The secret {name} was not found in {place}',
    fix: 'Create the secret in the Key Vault named by KEY_VAULT_URL, or, without a vault, set the environment variable {variable}.',
  },
  SECRET_INVALID: {
    status: 500,
    retry: false,
    message: 'The secret {name} cannot be used: {reason}',
    fix: 'Correct the secret; docs/settings.md shows the properties it needs.',
  },
  SECRET_FORBIDDEN: {
    status: 500,
    retry: false,
    message: 'Reading the secret {name} from {place} was refused: {reason}',
    fix: 'Give the identity of the function app the role "Key Vault Secrets User" on that vault, and check that the secret is enabled.',
  },
  SECRET_UNREACHABLE: {
    status: 503,
    retry: true,
    message: 'The secret {name} could not be read, because {place} does not answer: {reason}',
    fix: 'Check KEY_VAULT_URL, the network path to the vault (private endpoint, DNS) and its firewall.',
  },
  // Kafka
  KAFKA_UNREACHABLE: {
    status: 503,
    retry: true,
    message: 'No Kafka broker of {brokers} answered within {seconds} seconds: {reason}',
    fix: 'Check "bootstrap.servers" and "security.protocol" in the secret {secret}, and that the network lets this app reach every broker.',
  },
  KAFKA_AUTHENTICATION: {
    status: 500,
    retry: false,
    message: 'Kafka ({brokers}) did not accept the credentials of the secret {secret}: {reason}',
    fix: 'Correct user and password, or the role of the managed identity, for the mechanism that the secret names.',
  },
  KAFKA_TLS: {
    status: 500,
    retry: false,
    message: 'No trusted TLS connection to Kafka ({brokers}): {reason}',
    fix: 'Name the certificate authority in "ssl.ca.pem" of the secret {secret}, or correct "security.protocol" and the port.',
  },
  TOKEN_REFUSED: {
    status: 500,
    retry: false,
    message: 'The identity of this app got no token for {scope}: {reason}',
    fix: 'Give the app a managed identity (elsewhere: log in with the Azure CLI). For Kafka, check the scope in its secret, too.',
  },
  KAFKA_FORBIDDEN: {
    status: 500,
    retry: false,
    message: 'Kafka forbids {action}: {reason}',
    fix: 'Grant this app: Write and Describe on its topics and on its transactional id, and Create where topics are created.',
  },
  KAFKA_FAILED: {
    status: 503,
    retry: true,
    message: 'Kafka failed at {action}: {reason}',
    fix: 'Nothing of this run is visible. Run it again; if it fails again, the broker’s log at this time says more.',
  },
  TOPIC_NAME_INVALID: {
    status: 500,
    retry: false,
    message: 'The template "{template}" makes "{topic}", which cannot name a topic: {reason}',
    fix: 'Correct TOPIC_TEMPLATE or COMMIT_TOPIC; a topic name has at most 249 characters.',
  },
  TOPIC_MISSING: {
    status: 422,
    retry: false,
    message: 'The topic {topic} does not exist and TOPIC_CREATION is "forbidden"',
    fix: 'Create the topic with cleanup.policy=delete (a commit topic with one partition), or set TOPIC_CREATION to "allowed".',
  },
  TOPIC_NOT_CREATED: {
    status: 500,
    retry: false,
    message: 'The topic {topic} with {partitions} partitions could not be created: {reason}',
    fix: 'Correct TOPIC_PARTITIONS or TOPIC_REPLICATION, or create the topic by hand with cleanup.policy=delete.',
  },
  TOPIC_COMPACTED: {
    status: 422,
    retry: false,
    message: 'The topic {topic} is compacted: a TRUNCATE row could vanish behind a row with the same key',
    fix: 'Set cleanup.policy=delete on the topic.',
  },
  COMMIT_TOPIC_PARTITIONED: {
    status: 422,
    retry: false,
    message: 'The commit topic {topic} has {partitions} partitions; commits have an order in one partition only',
    fix: 'Create a commit topic with one partition and name it in COMMIT_TOPIC.',
  },
  PARTITION_UNKNOWN: {
    status: 422,
    retry: false,
    message: 'The topic {topic} has {partitions} partitions, so there is none with the number {partition}',
    fix: 'Leave the partition out (the key then decides), or use a number from 0.',
  },
  MESSAGE_TOO_LARGE: {
    status: 422,
    retry: false,
    message: 'A row of {table} is too large for the topic {topic}: {reason}',
    fix: 'Send fewer or shorter columns, or raise "max.message.bytes" of the topic and "message.max.bytes" in the secret {secret}.',
  },
  EMPTY_TABLE: {
    status: 422,
    retry: false,
    message: 'The source of {table} has no rows; publishing that would empty the table at every consumer',
    fix: 'Check the source. If it may be empty, publish with {allowEmpty: true}.',
  },
  PRODUCER_FENCED: {
    status: 409,
    retry: true,
    message: 'Another producer took over the transactions of {transactionalId} while this run was writing',
    fix: 'Let the other run end, then run again: one run of a data flow at a time.',
  },
  PRODUCER_STATE: {
    status: 500,
    retry: false,
    message: 'The producer cannot {action}: {reason}',
    fix: 'Correct the data flow: connect, addTarget, produce, commit is the order; after an error only abort is possible.',
  },
  TRANSACTION_TIMEOUT: {
    status: 504,
    retry: false,
    message: 'The transaction was open for {seconds} seconds, longer than the {limit} that it may be, and the broker aborts it',
    fix: 'Publish less per run, or raise "transaction.timeout.ms" in the secret {secret} and transaction.max.timeout.ms at the broker.',
  },
  TRANSACTION_TIMEOUT_REFUSED: {
    status: 500,
    retry: false,
    message: 'The broker does not allow transactions of {limit} seconds',
    fix: 'Lower "transaction.timeout.ms" in the secret {secret} to at most transaction.max.timeout.ms of the broker.',
  },
  TRANSACTION_IN_DOUBT: {
    status: 503,
    retry: true,
    message: 'The broker did not confirm the commit of {commitId} within {seconds} seconds; it may or may not have taken place',
    fix: 'Look for the commit id in the commit topic. Running again is safe: it publishes the same rows under a new commit id.',
  },
  // Schema registry
  REGISTRY_UNREACHABLE: {
    status: 503,
    retry: true,
    message: 'The schema registry {url} did not answer in {attempts} attempts: {reason}',
    fix: 'Check "schema.registry.url" in the secret {secret} and that the network lets this app reach it.',
  },
  REGISTRY_AUTHENTICATION: {
    status: 500,
    retry: false,
    message: 'The schema registry {url} answered {status} to the credentials of the secret {secret}',
    fix: 'Correct "schema.registry.basic.auth.user.info" or the bearer token settings, and grant access to the subjects.',
  },
  REGISTRY_FAILED: {
    status: 502,
    retry: false,
    message: 'The schema registry {url} answered {status} at {action}: {reason}',
    fix: 'Check that "schema.registry.url" in the secret {secret} is the address of a Confluent-compatible registry.',
  },
  SCHEMA_INCOMPATIBLE: {
    status: 409,
    retry: false,
    message: 'The schema of {subject} is not compatible with the registered one: {reasons}',
    fix: 'Make the change compatible (a new column must be nullable), or agree with the consumers on a new topic or another compatibility level.',
  },
  SCHEMA_NOT_REGISTERED: {
    status: 422,
    retry: false,
    message: 'The schema of {subject} is not registered and SCHEMA_REGISTRATION is "lookup"',
    fix: 'Register the schema first, or set SCHEMA_REGISTRATION to "register".',
  },
  SCHEMA_REFUSED: {
    status: 422,
    retry: false,
    message: 'The schema registry refused the schema of {subject}: {reason}',
    fix: 'Correct the names and types of the schema.',
  },
  // State: pointers, leases, run history
  STATE_UNREACHABLE: {
    status: 503,
    retry: true,
    message: 'The state storage {place} does not answer ({action}): {reason}',
    fix: 'Check STATE_STORAGE and the network path to that storage account. Nothing was published unless the report says so.',
  },
  STATE_FORBIDDEN: {
    status: 500,
    retry: false,
    message: 'The state storage {place} refused access ({action}): {reason}',
    fix: 'Give the identity of the function app the role "Storage Table Data Contributor", or correct the key in STATE_STORAGE.',
  },
  RUN_ACTIVE: {
    status: 409,
    retry: true,
    message: '{function} is already running: run {run} since {since}, its lease holds until {until}',
    fix: 'Wait until that run has ended; GET shows its state. If it died, its lease ends at the time named, and then a new run takes over.',
  },
  LEASE_LOST: {
    status: 503,
    retry: true,
    message: 'Run {run} of {function} stopped, because it no longer holds its lease: {reason}',
    fix: 'Run it again. If it happens often, raise LEASE_SECONDS or look for interruptions between the app and its storage.',
  },
  // The run itself
  RUN_STOPPED: {
    status: 503,
    retry: true,
    message: 'The run stopped, because the Functions host is shutting down',
    fix: 'Run it again. The host stops an invocation after functionTimeout, and at scale-in, restart and deployment.',
  },
  DELTA_WITHOUT_POINTER: {
    status: 409,
    retry: false,
    message: '{function} has no delta pointer yet, so there is nothing a delta load could start from',
    fix: 'Run an initial load first (PUT). It saves the pointer from which later deltas start.',
  },
  BACKFILL_UNSUPPORTED: {
    status: 422,
    retry: false,
    message: '{function} has no backfill',
    fix: 'Run an initial load (PUT), or write the method backfill in its runner. Nothing was published.',
  },
  DATAFLOWS_FAILED: {
    status: 500,
    retry: false,
    message: '{failed} of {total} dataflows of {function} did not succeed: {failures}',
    fix: 'Look each code up in docs/errors.md; GET shows the reports of the runs. The other dataflows are not affected.',
  },
  BACKFILL_FILTER: {
    status: 422,
    retry: false,
    message: 'The filter of the backfill of {function} cannot be used: {reason}',
    fix: 'Name columns that the flow allows ({allowed}), each with its value written as the rows have it. Nothing was published.',
  },
  POINTER_FOREIGN: {
    status: 409,
    retry: false,
    message: 'The delta pointer of {function} is not one of the strategy {strategy}, which expects {expected}',
    fix: 'Run an initial load (PUT), which is due after a change of strategy. Nothing was published.',
  },
  WATERMARK_INVALID: {
    status: 500,
    retry: false,
    message: 'The options of the strategy watermark do not go together: {reason}',
    fix: 'Correct them in the runner; docs/deltas/watermark.md describes each.',
  },
  KEY_MISSING: {
    status: 422,
    retry: false,
    message: '{table} has no primary key, and the strategy {strategy} tells rows apart by it',
    fix: 'Name the key columns in the runner: schema.setPks([…]). Nothing was published.',
  },
  TOO_MANY_VANISHED: {
    status: 422,
    retry: false,
    message:
      '{vanished} of the {before} rows of {table} ({share}) are gone from the source, more than the {allowed} that one run may delete',
    fix: 'Check the source. If the rows really are gone, run an initial load (PUT), or raise maxVanishing of the strategy. Nothing was published.',
  },
  SNAPSHOT_MISSING: {
    status: 409,
    retry: false,
    message: 'The published state {name}, which the delta pointer names, is not in {place}',
    fix: 'Run an initial load (PUT): it publishes everything and keeps a new state. Find out who removed the file.',
  },
  SNAPSHOT_UNREADABLE: {
    status: 500,
    retry: false,
    message: 'The published state {name} in {place} cannot be read: {reason}',
    fix: 'Run an initial load (PUT): it publishes everything and keeps a new state.',
  },
  SNAPSHOT_UNREACHABLE: {
    status: 503,
    retry: true,
    message: 'The snapshot storage {place} does not answer ({action}): {reason}',
    fix: 'Check SNAPSHOT_STORAGE (or STATE_STORAGE, when that is not set) and the network path to the blobs of that account.',
  },
  SNAPSHOT_FORBIDDEN: {
    status: 500,
    retry: false,
    message: 'The snapshot storage {place} refused access ({action}): {reason}',
    fix: 'Give the identity of the function app the role "Storage Blob Data Contributor", or correct the key in SNAPSHOT_STORAGE.',
  },
  POINTER_INVALID: {
    status: 500,
    retry: false,
    message: 'The delta pointer that the runner of {function} returned cannot be saved: {reason}',
    fix: 'Return a text of at most {limit} characters from initialLoad and deltaLoad. Nothing was published.',
  },
  POINTER_NOT_SAVED: {
    status: 500,
    retry: true,
    message: 'Run {run} of {function} published its rows, but its delta pointer could not be saved: {reason}',
    fix: 'Nothing is lost: the pointer stands where it was, and the next delta publishes the same changes once more, which does no harm.',
  },
  READER_NOT_READY: {
    status: 500,
    retry: false,
    message: 'The reader was used too early: {reason}',
    fix: 'Use the reader only inside initialLoad and deltaLoad, and load a table before asking for its schema.',
  },
  // Workspace
  TABLE_UNKNOWN: {
    status: 500,
    retry: false,
    message: 'The workspace has no table {table}',
    fix: 'Load the table first, under the name with which it is published.',
  },
  PAGE_INVALID: {
    status: 500,
    retry: false,
    message: 'A page of rows cannot be appended to {table}: {reason}',
    fix: 'Correct the reader: every page has the columns of the table, in its order, and all columns have one length.',
  },
  VALUE_INVALID: {
    status: 422,
    retry: false,
    message: 'A value of {table}.{column} ({row}) cannot be published exactly: {reason}',
    fix: 'Correct the value at the source, or give the column a type that holds it, in the SQL or in the schema.',
  },
  KEY_NOT_UNIQUE: {
    status: 422,
    retry: false,
    message: '{count} keys of {table} occur more than once in the columns {columns}, e.g. {keys}',
    fix: 'Add the missing column to the key, or make the rows unique in the SQL. Nothing was sent.',
  },
  KEY_NULL: {
    status: 422,
    retry: false,
    message: '{count} rows of {table} have a null in the key columns {columns}, e.g. {keys}',
    fix: 'Leave these rows out in the SQL, or choose a key without nulls. Nothing was sent.',
  },
  WORKSPACE_FULL: {
    status: 507,
    retry: false,
    message: 'The workspace ran out of memory or disk space: could not {action}',
    fix: 'Raise WORKSPACE_MEMORY_LIMIT, or give WORKSPACE_FOLDER a disk with more room.',
  },
  WORKSPACE_SQL: {
    status: 500,
    retry: false,
    message: 'DuckDB could not {action}: {reason}',
    fix: 'Correct the statement or the option that the message names.',
  },
  // Schemas
  NAME_INVALID: {
    status: 500,
    retry: false,
    message: 'The name "{name}" of a {what} cannot be used: {reason}',
    fix: 'Give it another name.',
  },
  TYPE_INVALID: {
    status: 500,
    retry: false,
    message: 'There is no type {type}: {reason}',
    fix: 'Correct the type where the schema is built.',
  },
  TYPE_UNSUPPORTED: {
    status: 500,
    retry: false,
    message: 'The {system} type {type} has no Avro type',
    fix: 'Convert the column in the SQL, e.g. to text, or give its type in the schema.',
  },
  TYPE_NAME_TAKEN: {
    status: 500,
    retry: false,
    message: 'One schema has two different types of the name {name}',
    fix: 'Name one of the two records, enums or fixed types differently.',
  },
  COLUMN_DUPLICATE: {
    status: 500,
    retry: false,
    message: '{table} has more than one column for the Avro field {field}: {columns}',
    fix: 'Name one of the columns differently, in the SQL with "as".',
  },
  COLUMN_UNKNOWN: {
    status: 500,
    retry: false,
    message: '{table} has no column {column}, which its {use} names',
    fix: 'Add the column to the table, before naming it; names are case-sensitive.',
  },
  SCHEMA_UNREADABLE: {
    status: 500,
    retry: false,
    message: 'This is not an Avro schema that can be read, because {reason}: {schema}',
    fix: 'Correct the schema where it is stored.',
  },
  // Reading from Oracle
  SQL_INVALID: {
    status: 500,
    retry: false,
    message: 'The SQL for {table} cannot be loaded: {reason}',
    fix: 'Give load one SELECT (or WITH … SELECT) without FOR UPDATE.',
  },
  SQL_COLUMN_NAMES: {
    status: 500,
    retry: false,
    message: 'The SELECT for {table} has columns that cannot become columns of a table: {reason}',
    fix: 'Give each column a name of its own in the SELECT, with AS.',
  },
  SQL_BINDS: {
    status: 500,
    retry: false,
    message: 'The binds given for {table} do not fit its SQL: {reason}',
    fix: 'Give load exactly the binds that the SQL names, as text, numbers, bytes or null; dates as text with TO_DATE or TO_TIMESTAMP in the SQL.',
  },
  DECLARATION_INVALID: {
    status: 500,
    retry: false,
    message: 'The type declared for {table}.{column} cannot be used: {reason}',
    fix: 'Correct the declare option of load; docs/oracle.md lists what can be declared for which Oracle type.',
  },
  UNSUPPORTED_TYPE: {
    status: 500,
    retry: false,
    message: 'The column {column} of the SELECT for {table} has the Oracle type {type}, which cannot be read',
    fix: 'Convert the column in the SQL, e.g. select its attributes one by one, or leave it out.',
  },
  POSITION_AFTER_READ: {
    status: 500,
    retry: false,
    message: 'position() was called after {table} had been read',
    fix: 'Call position() before the first load: a change made between reading and taking the position would be lost.',
  },
  POSITION_UNREADABLE: {
    status: 500,
    retry: false,
    message: 'The current SCN cannot be read: {user} may read neither V$DATABASE nor DBMS_FLASHBACK nor TIMESTAMP_TO_SCN',
    fix: 'Grant one of them, e.g. GRANT EXECUTE ON SYS.DBMS_FLASHBACK TO the user.',
  },
  ORACLE_UNREACHABLE: {
    status: 503,
    retry: true,
    message: 'Oracle cannot be reached at {address}: {reason}',
    fix: 'Check connectString in the secret {secret}, the network, and whether the listener runs.',
  },
  ORACLE_SERVICE_UNKNOWN: {
    status: 503,
    retry: false,
    message: 'The listener at {address} does not know the service: {reason}',
    fix: 'Correct the service name in connectString of the secret {secret}; lsnrctl services lists those the listener knows.',
  },
  ORACLE_LOGIN: {
    status: 502,
    retry: false,
    message: 'Oracle at {address} refused the login of {user}: {reason}',
    fix: 'Correct user and password in the secret {secret}, or unlock the account.',
  },
  ORACLE_CONNECTION_LOST: {
    status: 503,
    retry: true,
    message: 'The connection to Oracle was lost while the run tried to {action}: {reason}',
    fix: 'Run it again. If it happens often, look for firewalls that drop idle connections, and in the alert log of the database.',
  },
  ORACLE_TABLE_UNKNOWN: {
    status: 422,
    retry: false,
    message: 'Oracle knows no table or view {name} that {user} may read: could not {action}',
    fix: 'Correct the name in the SQL, put the schema before it, or grant SELECT on it.',
  },
  ORACLE_COLUMN_UNKNOWN: {
    status: 422,
    retry: false,
    message: 'Oracle knows no column or function {name}: could not {action}',
    fix: 'Correct the name in the SQL. Names in double quotes are case-sensitive.',
  },
  ORACLE_SNAPSHOT_TOO_OLD: {
    status: 503,
    retry: true,
    message: 'Oracle no longer has the state at which the run started ({reason}): could not {action}',
    fix: 'Run it when fewer changes are made, or raise UNDO_RETENTION and the undo tablespace.',
  },
  ORACLE_CANCELLED: {
    status: 503,
    retry: true,
    message: 'Oracle cancelled the statement ({reason}): could not {action}',
    fix: 'Ask who cancelled it: an administrator, a resource limit, or a timeout of the network.',
  },
  ORACLE_FAILED: {
    status: 502,
    retry: false,
    message: 'Oracle answered {reason}: could not {action}',
    fix: 'Look the error number up in the documentation of Oracle.',
  },
  // Reading from REST services
  REST_REQUEST_INVALID: {
    status: 500,
    retry: false,
    message: 'The request for {table} cannot be made: {reason}',
    fix: 'Correct what the reader passes to loadRecords; docs/rest.md describes each property.',
  },
  REST_UNREACHABLE: {
    status: 503,
    retry: true,
    message: '{url} did not bring {what} in {tries} tries: {reason}',
    fix: 'Check "url" in the secret {secret}, the network, and whether the service runs. Slow answers may need longer timeouts in the reader.',
  },
  REST_UNAVAILABLE: {
    status: 503,
    retry: true,
    message: '{url} answered {status} for {what} in {tries} tries',
    fix: 'Run it again later. If it happens often, lower concurrency or requestsPerSecond of the reader, or raise its tries.',
  },
  REST_TLS: {
    status: 502,
    retry: false,
    message: 'No trusted TLS connection to {url}: {reason}',
    fix: 'Check "url" in the secret {secret}. A certificate authority that is not a public one goes into its "ca"; an expired certificate is the service’s to renew.',
  },
  REST_AUTHENTICATION: {
    status: 502,
    retry: false,
    message: '{url} did not accept the credentials of the secret {secret} for {what}: {reason}',
    fix: 'Correct "auth" in that secret, or have its user or client granted access.',
  },
  REST_FAILED: {
    status: 502,
    retry: false,
    message: '{url} answered {status} for {what}',
    fix: 'Correct the path and parameters in the reader, or "url" in the secret {secret}.',
  },
  REST_RESPONSE_INVALID: {
    status: 502,
    retry: false,
    message: 'What {url} answered for {what} cannot be read: {reason}',
    fix: 'Compare the answer with format, records and paging in the reader; if they fit, the service has to be corrected.',
  },
  REST_RECORD_TOO_LARGE: {
    status: 422,
    retry: false,
    message: 'What {url} answered for {what} has more than {limit} bytes without a complete record after record {record}',
    fix: 'Raise maxRecordBytes of the reader if records may be that large; otherwise check that records names the array of the records.',
  },
  REST_CURSOR_LOOP: {
    status: 502,
    retry: false,
    message: 'The pages of {table} go round in circles: {reason}',
    fix: 'Check the paging in the reader, names of its parameters first; if it fits, the service has to be corrected.',
  },
  REST_LINK_REFUSED: {
    status: 502,
    retry: false,
    message: 'The service leads from {url} to {target} for {what}, and is not followed there: {reason}',
    fix: 'Correct "url" in the secret {secret} if the service has moved. Links are followed on the service itself only: credentials must not leave it.',
  },
  REST_SOURCE_CHANGED: {
    status: 503,
    retry: true,
    message: 'The source of {table} changed while its pages were read: {reason}',
    fix: 'Run it again, when the source is quiet. A paging by cursor, or a filter in the query, keeps pages from shifting.',
  },
  REST_SCHEMA_CHANGED: {
    status: 422,
    retry: false,
    message: 'Record {record} of page {page} of {table} has the field {field}, which the first {sample} records do not have',
    fix: 'Give loadRecords a schema, or raise its sampleRecords so that the sample has the field.',
  },
  // Transformations
  TRANSFORM_FAILED: {
    status: 500,
    retry: false,
    message: 'The transformation stopped at {step}: {reason}',
    fix: 'Correct the SQL of that step or rule. Where a value does not fit, TRY_CAST gives NULL instead. Nothing was sent.',
  },
  AUDIT_RULE_INVALID: {
    status: 500,
    retry: false,
    message: 'The rule "{rule}" for rows of {table} cannot be used: {reason}',
    fix: 'Correct the rule in the runner.',
  },
  AUDIT_STOPPED: {
    status: 422,
    retry: false,
    message: '{count} rows of {table} break the rule {rule}, which stops the run, e.g. {keys}',
    fix: 'Correct the rows at their source, or let the rule mark them without stopping. Nothing was sent.',
  },
  // Reading from a lakehouse
  EXTENSION_MISSING: {
    status: 500,
    retry: false,
    message: 'DuckDB cannot load its extension {extension}: {reason}',
    fix: 'Run "node scripts/setup.mjs" where the app is built: it fills the folder "extensions", which belongs to the deployed app. Or name a folder in WORKSPACE_EXTENSIONS.',
  },
  LAKEHOUSE_LOCATION_INVALID: {
    status: 500,
    retry: false,
    message: 'The location "{location}" of a table cannot be used: {reason}',
    fix: 'Give the path of the table below "url" in the secret of the lakehouse, e.g. WEATHER or dbo/WEATHER.',
  },
  LAKEHOUSE_UNREACHABLE: {
    status: 503,
    retry: true,
    message: 'The lakehouse cannot be reached to {action}: {reason}',
    fix: 'Check "url" in the secret {secret}, the network, and whether the storage account is up.',
  },
  LAKEHOUSE_FORBIDDEN: {
    status: 502,
    retry: false,
    message: 'The lakehouse refused to {action}: {reason}',
    fix: 'Give the identity of the app the right to read there (a role in the Fabric workspace, or "Storage Blob Data Reader" on the account), or correct the connection string in the secret {secret}. A token that ran out in a very long run is renewed by the next.',
  },
  LAKEHOUSE_TABLE_UNKNOWN: {
    status: 422,
    retry: false,
    message: 'There is no Delta table at {path}',
    fix: 'Correct the location in the flow, or "url" in the secret {secret}: the folder of the table is the one that has the folder _delta_log.',
  },
  LAKEHOUSE_VERSION_GONE: {
    status: 422,
    retry: false,
    message: 'The Delta table {path} cannot be read as of version {version}: {reason}',
    fix: 'Start an initial load (PUT). Where this happens between two delta loads, keep log and deleted files of the table longer, or run the delta more often.',
  },
  LAKEHOUSE_TABLE_RECREATED: {
    status: 422,
    retry: false,
    message: 'The Delta table {path} is not the one that the pointer {pointer} was taken from: {reason}',
    fix: 'Start an initial load (PUT): what changed since then cannot be told.',
  },
  LAKEHOUSE_CHANGES_UNKNOWN: {
    status: 500,
    retry: false,
    message: 'What changed in {table} cannot be told from versions of a Delta table, because {reason}',
    fix: 'With tableVersion(), return from load the table that reader.load made, unchanged. For results of joins use snapshot().',
  },
  LAKEHOUSE_UNSUPPORTED: {
    status: 422,
    retry: false,
    message: 'DuckDB cannot read the Delta table {path}: {reason}',
    fix: 'The table uses a feature of Delta Lake that DuckDB does not know; see docs/lakehouse.md. Turn the feature off for this table, or publish a copy.',
  },
  LAKEHOUSE_FAILED: {
    status: 502,
    retry: false,
    message: 'The lakehouse could not {action}: {reason}',
    fix: 'Read the cause in the log of this run.',
  },
  // Contract
  CONTRACT_BROKEN: {
    status: 409,
    retry: false,
    message: '{table} differs from its contract (CONTRACT_MODE {mode}): {differences}',
    fix: 'Nothing was published. If the change is wanted, run "npm run docs:flows", have the difference reviewed, and deploy; if not, put the source or the flow right. See docs/contracts.md.',
  },
  CONTRACT_UNREADABLE: {
    status: 500,
    retry: false,
    message: 'The contract {file} cannot be read: {reason}',
    fix: 'Restore the file from the repository, or write it anew with "npm run docs:flows".',
  },
  // Lineage
  LINEAGE_UNRESOLVED: {
    status: 422,
    retry: false,
    message: 'It is not known for all columns of {table} where they come from: {unresolved}',
    fix: 'Nothing was published. Write the SQL so that each column names its table, make tables of the workspace by steps of a Transformation, or take "lineage: required" out of the flow. See docs/lineage.md.',
  },
  // Anything not foreseen
  UNEXPECTED: {
    status: 500,
    retry: false,
    message: 'The run stopped on an error that has no entry of its own: {reason}',
    fix: 'Read the cause in the log of this run. If it can happen in normal operation it deserves its own entry.',
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof definitions;

/** The table, for the generated documentation and the HTTP answer. */
export const errorDefinitions: Readonly<Record<ErrorCode, ErrorDefinition>> = definitions;

export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

/** The one error class: a code of the table, the details that fill its message, and the cause. */
export class TablecastError extends Error {
  override readonly name = 'TablecastError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(fill(errorDefinitions[code].message, details), options);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return errorDefinitions[this.code].status;
  }

  get retry(): boolean {
    return errorDefinitions[this.code].retry;
  }

  /** What to do about it. */
  get fix(): string {
    return fill(errorDefinitions[this.code].fix, this.details);
  }

  /** The error itself when it is one of ours, else an UNEXPECTED with the original as cause. */
  static from(error: unknown): TablecastError {
    if (error instanceof TablecastError) return error;
    return new TablecastError('UNEXPECTED', { reason: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
}

function fill(template: string, details: ErrorDetails): string {
  return template.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = details[name];
    return value === undefined ? placeholder : Array.isArray(value) ? value.join(', ') : String(value);
  });
}
