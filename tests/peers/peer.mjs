// One JSON line in, one JSON line out: { method, args } to { result } or { error }.
import readline from 'node:readline';

export function serve(methods) {
  const lines = readline.createInterface({ input: process.stdin });
  let turn = Promise.resolve();
  lines.on('line', line => {
    turn = turn.then(async () => {
      let answer;
      try {
        const { method, args } = JSON.parse(line);
        answer = { result: (await methods[method](args)) ?? null };
      } catch (error) {
        answer = { error: String(error?.stack ?? error) };
      }
      process.stdout.write(JSON.stringify(answer, (_, value) => typeof value === 'bigint' ? value.toString() : value) + '\n');
    });
  });
}
