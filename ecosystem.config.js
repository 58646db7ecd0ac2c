/**
 * Muster under pm2: the manager, which spawns and drains its own shard processes, and the stateless API.
 *
 * pm2 sends SIGINT and kills after `kill_timeout`: for the manager that is above the 28 s it gives its children.
 * `treekill` is off for it, because children killed behind its back are not drained.
 */
const run = { interpreter: 'node', node_args: '--import tsx', merge_logs: true }

export const apps = [
  {
    ...run,
    name: 'muster-manager',
    script: 'cluster/main.ts',
    instances: 1,
    exec_mode: 'fork',
    wait_ready: true,
    listen_timeout: 60_000,
    kill_timeout: 35_000,
    treekill: false,
  },
  {
    ...run,
    name: 'muster-api',
    script: 'api/main.ts',
    instances: 2,
    exec_mode: 'fork',
    increment_var: 'API_PORT',
    env: { API_PORT: '8080' },
    kill_timeout: 10_000,
  },
]
