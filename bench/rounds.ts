import type { Measurement } from './measurement';

/** Something to measure, again and again. */
export interface Contender {
  readonly name: string;
  run(round: number): Promise<Measurement>;
}

/**
 * Measures all contenders in turns, so that what else the machine does meets all of them; each round begins with another one.
 * @returns measurements by contender, in the order of the rounds
 */
export async function alternate(contenders: readonly Contender[], rounds: number): Promise<Map<string, Measurement[]>> {
  const results = new Map(contenders.map(({ name }) => [name, [] as Measurement[]]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length]!;
      const result = await contender.run(round);
      results.get(contender.name)!.push(result);
      const speed = Math.round(result.rows / result.seconds).toLocaleString('en');
      console.log(
        `  round ${round + 1}/${rounds}  ${contender.name.padEnd(44)} ${speed.padStart(12)} rows/s  ${result.seconds.toFixed(2)} s`,
      );
    }
  }
  return results;
}
