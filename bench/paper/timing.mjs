/** What a call gives, and the seconds and processor seconds of this process that it took. */
export async function timed(call) {
  const [started, before] = [performance.now(), process.cpuUsage()];
  const result = await call();
  const { user, system } = process.cpuUsage(before);
  const round = (seconds) => Number(seconds.toFixed(3));
  return {
    result,
    cost: { seconds: round((performance.now() - started) / 1000), cpuSeconds: round((user + system) / 1e6) },
  };
}
