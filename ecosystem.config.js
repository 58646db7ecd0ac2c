/**
 * Muster under pm2: the manager, which spawns and drains its own shard processes, and the stateless API.
 *
 *   npm run build && pm2 start ecosystem.config.js        pm2 reload muster-api        pm2 logs        pm2 stop all
 *
 * Variables come from the shell that starts pm2; docs/operations.md says how to give them. pm2 sends SIGINT and kills
 * after `kill_timeout`, which therefore lies above the time each part takes to drain. `treekill` is off for the manager,
 * because children killed behind its back are not drained.
 *
 * What runs is the build, not the TypeScript through its loader: pm2 refuses scripts that end in .ts on Node 20, a process
 * starts in half the time (which is how long a crash is felt), and takes 50 MB less. The API runs in cluster mode: its
 * instances share API_PORT, and a reload starts a new instance, waits until it is ready, and only then ends the old one.
 * pm2 reads this file with require(): named exports, nothing awaited.
 */
const run = {
  cwd: import.meta.dirname,
  env: { NODE_ENV: 'production' },
  merge_logs: true,
  wait_ready: true,
}

export const apps = [
  {
    ...run,
    name: 'muster-manager',
    script: 'dist/cluster/main.js',
    instances: 1,
    exec_mode: 'fork',
    // Every shard waits up to 5 s for its turn to identify; past this pm2 only stops waiting, nothing is killed.
    listen_timeout: 120_000,
    // It gives its children 28 s.
    kill_timeout: 35_000,
    treekill: false,
  },
  {
    ...run,
    name: 'muster-api',
    script: 'dist/api/main.js',
    instances: Number(process.env['API_INSTANCES'] ?? 2),
    exec_mode: 'cluster',
    listen_timeout: 30_000,
    // 1.5 s of notice to load balancers, then 8 s for requests in flight.
    kill_timeout: 12_000,
    // What signs and what speaks to Discord is not the API's to know.
    filter_env: ['DISCORD_', 'MUSTER_CLUSTER_KEY', 'MUSTER_KEK'],
  },
]
