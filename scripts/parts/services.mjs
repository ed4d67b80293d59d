// A real Kafka broker and a real schema registry on free ports of this machine, until told to stop.
//
//   node scripts/parts/services.mjs [--folder F] [--watch PID]
//
// Prints the addresses as one line of JSON when both are ready, and writes the same to F/services.json (F/failed.txt when they cannot
// start). Stops on Ctrl-C or TERM, and when process PID is gone. However this process ends, even by KILL, its children end too.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as kafkaPart from './kafka.mjs';
import * as registryPart from './registry.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Who may log in at the SASL listener. */
const login = { username: 'tablecast', password: 'correct horse' };

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** All that was started, in order, to be stopped together. */
const programs = [];

/**
 * Starts a program whose life hangs on a pipe from this process: a shell in between ends it when the pipe closes, for whatever reason.
 * @returns {{ready: Promise<void>, ended: Promise<string>, stop(): Promise<void>}}
 */
function startProgram({ name, command, args, env, logFile, isReady }) {
  const script = 'exec 3<&0; "$@" </dev/null & child=$!; { read -r _ <&3; kill "$child"; } >/dev/null 2>&1 & wait "$child"';
  const child = spawn('sh', ['-c', script, 'sh', command, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // its own process group, to be able to end all of it
    env: { ...process.env, ...env },
  });
  const log = createWriteStream(logFile);
  let tail = '';
  const ready = new Promise((resolve, reject) => {
    const read = (data) => {
      log.write(data);
      tail = (tail + data).slice(-4000);
      if (isReady.log?.test(tail)) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.stdin.on('error', () => {});
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      child.stdin.end();
      reject(new Error(`${name} ended (${status ?? signal}) before it was ready; the end of its log:\n${tail}`));
    });
    if (isReady.url) void pollUrl(isReady.url, child, resolve);
  });
  ready.catch(() => {});
  const ended = new Promise((resolve) => child.on('exit', (status, signal) => resolve(`${name} ended (${status ?? signal})`)));
  async function stop() {
    child.stdin.end();
    const gone = await Promise.race([ended.then(() => true), delay(10_000, false, { ref: false })]);
    if (!gone) {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended in this very moment.
      }
    }
  }
  const program = { ready, ended, stop };
  programs.push(program);
  return program;
}

async function pollUrl(url, child, found) {
  while (child.exitCode === null && child.signalCode === null) {
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return found();
    await delay(20);
  }
}

async function startKafka(lib, folder) {
  const [plain, sasl, controller] = await freePorts(3);
  const data = path.join(folder, 'kafka-data');
  const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${login.username}="${login.password}";`;
  const properties = path.join(folder, 'kafka.properties');
  writeFileSync(
    properties,
    Object.entries({
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.bootstrap.servers': `127.0.0.1:${controller}`,
      'controller.listener.names': 'CONTROLLER',
      listeners: `PLAIN://127.0.0.1:${plain},SASL://127.0.0.1:${sasl},CONTROLLER://127.0.0.1:${controller}`,
      'listener.security.protocol.map': 'PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
      'inter.broker.listener.name': 'PLAIN',
      'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl.plain.sasl.jaas.config': jaas,
      'log.dirs': data,
      'auto.create.topics.enable': false,
      'group.initial.rebalance.delay.ms': 0,
      'offsets.topic.num.partitions': 1,
      'offsets.topic.replication.factor': 1,
      'transaction.state.log.num.partitions': 3,
      'transaction.state.log.replication.factor': 1,
      'transaction.state.log.min.isr': 1,
      // How often transactions that are open for too long are looked for; the default is ten seconds.
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
      // The default of 128 MiB would be taken from the heap.
      'log.cleaner.dedupe.buffer.size': 2_097_152,
    })
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  const java = [
    '-Xmx512m',
    '-XX:+UseSerialGC',
    `-Dlog4j2.configurationFile=${path.join(here, 'kafka', 'log4j2.properties')}`,
    '-cp',
    path.join(lib, '*'),
  ];
  const format = startProgram({
    name: 'Kafka’s formatting of its folder',
    command: 'java',
    args: [
      '-XX:TieredStopAtLevel=1',
      ...java,
      'kafka.tools.StorageTool',
      'format',
      '--standalone',
      '-t',
      'tablecastTestCluster00',
      '-c',
      properties,
    ],
    logFile: path.join(folder, 'kafka-format.log'),
    isReady: { log: /Formatting/ },
  });
  await format.ready;
  await format.ended;
  const broker = startProgram({
    name: 'Kafka',
    command: 'java',
    args: [...java, 'kafka.Kafka', properties],
    logFile: path.join(folder, 'kafka.log'),
    isReady: { log: /Kafka Server started/ },
  });
  return { broker, address: { bootstrap: `127.0.0.1:${plain}`, sasl: { bootstrap: `127.0.0.1:${sasl}`, ...login } } };
}

async function startRegistry(lib, folder) {
  const [port] = await freePorts(1);
  const config = path.join(folder, 'registry.yaml');
  writeFileSync(
    config,
    `server:\n  host: 127.0.0.1\n  port: ${port}\nstorage:\n  type: memory\ncompatibility:\n  default_level: BACKWARD\nlogging:\n  level: warn\n`,
  );
  const registry = startProgram({
    name: 'The schema registry',
    command: path.join(lib, 'schema-registry'),
    args: ['-config', config],
    logFile: path.join(folder, 'registry.log'),
    isReady: { url: `http://127.0.0.1:${port}/subjects` },
  });
  return { registry, address: `http://127.0.0.1:${port}` };
}

function processLives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function main(argv) {
  const option = (name) => (argv.includes(name) ? argv[argv.indexOf(name) + 1] : undefined);
  const given = option('--folder');
  const watched = Number(option('--watch') ?? 0);
  const folder = given ?? mkdtempSync(path.join(os.tmpdir(), 'tablecast-services-'));
  mkdirSync(folder, { recursive: true });

  const stopping = new AbortController();
  process.on('SIGTERM', () => stopping.abort());
  process.on('SIGINT', () => stopping.abort());
  process.on('SIGHUP', () => stopping.abort());
  const asked = new Promise((resolve) => stopping.signal.addEventListener('abort', () => resolve(null)));
  if (watched > 0) {
    setInterval(() => {
      if (!processLives(watched)) stopping.abort('abandoned');
    }, 500).unref();
  }

  let failure = null;
  try {
    const [kafka, registry] = [kafkaPart.inspect(), registryPart.inspect()];
    for (const part of [kafka, registry]) if (!part.ok) throw new Error(part.reason);
    const started = await Promise.all([startRegistry(registry.path, folder), startKafka(path.join(kafka.path, 'lib'), folder)]);
    const running = [started[0].registry, started[1].broker];
    const ready = Promise.all(running.map((program) => program.ready)).then(() => true);
    if ((await Promise.race([ready, asked])) === true) {
      const services = { ...started[1].address, registry: started[0].address, pid: process.pid, folder };
      writeFileSync(path.join(folder, 'services.tmp'), JSON.stringify(services));
      renameSync(path.join(folder, 'services.tmp'), path.join(folder, 'services.json'));
      console.log(JSON.stringify(services));
      failure = await Promise.race([asked, ...running.map((program) => program.ended)]);
    }
  } catch (error) {
    failure = error.message;
  }
  await Promise.all(programs.map((program) => program.stop()));
  if (failure !== null) {
    console.error(failure);
    writeFileSync(path.join(folder, 'failed.txt'), failure);
    process.exitCode = 1;
  }
  // Whoever gave the folder removes it, unless nobody is left to do so.
  if (failure === null && (given === undefined || stopping.signal.reason === 'abandoned')) rmSync(folder, { recursive: true, force: true });
}

/** The addresses that a running `services.mjs --folder F` wrote, or null. @throws Error when it failed */
export function readServices(folder) {
  const read = (name) => {
    try {
      return readFileSync(path.join(folder, name), 'utf8');
    } catch {
      return null;
    }
  };
  const failed = read('failed.txt');
  if (failed !== null) throw new Error(failed);
  const services = read('services.json');
  return services === null ? null : JSON.parse(services);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
