import type { HttpRequest, HttpResponseInit, InvocationContext, Timer } from '@azure/functions';
import { TablecastError } from '../errors';
import type { FlowDefinition } from './flow-definition';
import { appServices, type FlowServices } from './flow-services';
import { flowStatus } from './flow-status';
import { PROBLEM_CONTENT_TYPE, toProblem } from './problem';
import { runFlow } from './run-flow';
import type { RunProducer } from './run-producer';
import { bigintAsText } from './run-report';
import { FLOW_METHODS, readRunRequest } from './run-request';
import type { SourceAdapter } from './source-adapter';

/** A flow with the handlers that Azure Functions calls. */
export interface DataFlow<R extends SourceAdapter = SourceAdapter, P extends RunProducer = RunProducer> extends FlowDefinition<R, P> {
  /** Handler for `app.http`: PUT initial load, PATCH delta load, POST the load of the request or the one that fits, GET status. */
  readonly http: (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;
  /** Handler for `app.timer`: acts as POST without `load`. A run that is still going on is left alone. */
  readonly timer: (timer: Timer, context: InvocationContext) => Promise<void>;
}

/**
 * Makes a flow from its description.
 *
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
export function dataFlow<R extends SourceAdapter, P extends RunProducer>(
  definition: FlowDefinition<R, P>,
  services: FlowServices = appServices,
): DataFlow<R, P> {
  const flow = Object.freeze({ ...definition });

  async function answer(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
    const wanted = await readRunRequest(request, flow.route);
    if (wanted.kind === 'status') return json(200, await flowStatus(flow, services));
    const run = runFlow(flow, { load: wanted.load, trigger: 'http' }, services, context);
    const { report, error } = await services.shutdown().track(run);
    return error ? problem(error, report.id, { run: report }) : json(200, report);
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
    try {
      const run = runFlow(flow, { load: 'auto', trigger: 'timer' }, services, context);
      const { error } = await services.shutdown().track(run);
      if (error) throw error;
    } catch (caught) {
      const error = TablecastError.from(caught);
      // A run longer than the timer's interval is no fault; failing every tick meanwhile would bury the real ones.
      if (error.code !== 'RUN_ACTIVE') throw error;
      context.info(`The timer of ${flow.name} skips this time: ${error.message}`);
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
