import type { HttpRequest, HttpResponseInit, InvocationContext, Timer } from '@azure/functions';
import { TablecastError } from '../errors';
import type { FlowDefinition } from './flow-definition';
import { registerFlow } from './flow-registry';
import { appServices, type FlowServices } from './flow-services';
import { flowStatus } from './flow-status';
import { PROBLEM_CONTENT_TYPE, toProblem } from './problem';
import { runFlow } from './run-flow';
import type { RunProducer } from './run-producer';
import { bigintAsText } from './run-report';
import type { RunReader } from './run-reader';
import { FLOW_METHODS, readRunRequest } from './run-request';
import { checkDataflows, chooseDataflow, dataflowsOf, type SingleDataflow } from './single-dataflow';
import type { SourceAdapter } from './source-adapter';

/** A flow with the handlers that Azure Functions calls. */
export type DataFlow<R extends RunReader = SourceAdapter, P extends RunProducer = RunProducer> = FlowDefinition<R, P> & FlowHandlers;

interface FlowHandlers {
  /** Handler for `app.http`: PUT initial load, PATCH delta load, POST the load of the request or the one that fits, GET status. */
  readonly http: (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;
  /** Handler for `app.timer`: acts as POST without `load`, for one dataflow after the other. A run that is still going on is left alone. */
  readonly timer: (timer: Timer, context: InvocationContext) => Promise<void>;
}

/**
 * Makes a flow from its description.
 *
 * @throws TablecastError NAME_INVALID when it names no dataflow, or one without a name
 * @example
 * const labware = dataFlow({
 *   name: 'LABWARE_Reader', route: 'LABWARE/run', schedule: 'LABWARE_SCHEDULE',
 *   reader: (logger) => new OracleReader(new OracleConnectionSettings('Labware-Source'), logger),
 *   producer: (logger) => new KafkaProducer({ sourceSystem: 'LABWARE', zone: 'RAW', settings: new KafkaSecretSettings() }, logger),
 *   runner: (logger) => new LabwareRunner(logger),
 * });
 * app.http(labware.name, { route: labware.route, methods: ['PUT', 'POST', 'GET', 'PATCH'], authLevel: 'function', handler: labware.http });
 * registerTimer(labware);
 */
export function dataFlow<R extends RunReader, P extends RunProducer>(
  definition: FlowDefinition<R, P>,
  services: FlowServices = appServices,
): DataFlow<R, P> {
  const flow = Object.freeze({ ...definition });
  checkDataflows(flow);
  registerFlow(flow);

  async function answer(httpRequest: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
    const request = await readRunRequest(httpRequest, flow.route);
    if (request.kind === 'status') return json(200, await status(request.dataflow));
    const run = runFlow(chooseDataflow(flow, request.dataflow), { wanted: request.wanted, trigger: 'http' }, services, context);
    const { report, error } = await services.shutdown().track(run);
    return error ? problem(error, report.id, { run: report }) : json(200, report);
  }

  /** Of the dataflow that is named; without a name of all, as a list, when the flow has several. */
  function status(dataflow: string | undefined): Promise<unknown> {
    if (dataflow === undefined && flow.dataflows) return Promise.all(dataflowsOf(flow).map((each) => flowStatus(each, services)));
    return flowStatus(chooseDataflow(flow, dataflow), services);
  }

  async function http(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
    try {
      return await answer(request, context);
    } catch (caught) {
      const error = TablecastError.from(caught);
      context.warn(`${request.method} ${flow.route}: ${error.code}: ${error.message}`);
      return problem(error, context.invocationId);
    }
  }

  async function timer(_timer: Timer, context: InvocationContext): Promise<void> {
    const dataflows = dataflowsOf(flow);
    const failures: { readonly dataflow: string; readonly error: TablecastError }[] = [];
    for (const dataflow of dataflows) {
      const error = await tick(dataflow, context);
      if (error) failures.push({ dataflow: dataflow.dataflowName, error });
      // The host is going: those that are left would only report that they did not begin.
      if (services.shutdown().signal.aborted) break;
    }
    const [first] = failures;
    if (!first) return;
    if (!flow.dataflows) throw first.error;
    throw new TablecastError(
      'DATAFLOWS_FAILED',
      {
        function: flow.name,
        failed: failures.length,
        total: dataflows.length,
        failures: failures.map(({ dataflow, error }) => `${dataflow} (${error.code})`),
      },
      { cause: first.error },
    );
  }

  /** The timer's run of one dataflow: the error it ended with, if any. */
  async function tick(dataflow: SingleDataflow<R, P>, context: InvocationContext): Promise<TablecastError | undefined> {
    try {
      const run = runFlow(dataflow, { wanted: { load: 'auto' }, trigger: 'timer' }, services, context);
      return (await services.shutdown().track(run)).error;
    } catch (caught) {
      const error = TablecastError.from(caught);
      // A run longer than the timer's interval is no fault; failing every tick meanwhile would bury the real ones.
      if (error.code !== 'RUN_ACTIVE') {
        // No run, so no report and no entry in its log.
        context.error(`The timer of ${flow.name} could not run ${dataflow.dataflowName}: ${error.code}: ${error.message}`);
        return error;
      }
      context.info(`The timer of ${flow.name} skips this time: ${error.message}`);
      return undefined;
    }
  }

  return { ...flow, http, timer };
}

function json(status: number, body: unknown): HttpResponseInit {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body, bigintAsText) };
}

function problem(error: TablecastError, instance: string, more: object = {}): HttpResponseInit {
  const headers: Record<string, string> = { 'content-type': PROBLEM_CONTENT_TYPE };
  if (error.code === 'METHOD_NOT_ALLOWED') headers['allow'] = FLOW_METHODS.join(', ');
  return { status: error.status, headers, body: JSON.stringify({ ...toProblem(error, instance), ...more }, bigintAsText) };
}
