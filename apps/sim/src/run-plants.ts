import { plants } from './plants/plants.js';
import { runSeeds } from './run-seeds.js';

/** Puts one bug after the other into the product; the number of those that no seed has shown. */
export async function runPlants(
  {
    first,
    count,
    processes,
  }: { readonly first: number; readonly count: number; readonly processes: number },
  print: (text: string) => void,
): Promise<number> {
  const waiting = [...plants];
  let missed = 0;
  const work = async () => {
    for (let plant = waiting.shift(); plant !== undefined; plant = waiting.shift()) {
      const { name } = plant;
      let [seeds, finding] = [0, ''];
      const share = { first, count, hasFaults: true, isVerbose: false, plant: name, processes: 1 };
      await runSeeds(share, ({ findings }) => {
        seeds += 1;
        finding = findings[0] ?? '';
      });
      if (finding === '') missed += 1;
      const verdict = finding === '' ? 'NOT CAUGHT' : `caught by seed ${seeds}`;
      print(`${name.padEnd(44)} ${verdict.padEnd(20)} ${finding.slice(0, 90)}`);
    }
  };
  await Promise.all(Array.from({ length: processes }, work));
  print(
    `${plants.length - missed} of ${plants.length} bugs were caught within ${count} seeds each`,
  );
  return missed;
}
